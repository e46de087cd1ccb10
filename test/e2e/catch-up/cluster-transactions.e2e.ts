import { describe } from 'vitest';
import { clusterTransactions } from '../../support/scenarios/cluster-transactions.ts';

describe('changes that only cluster-wide transactions make', () => clusterTransactions(3));
