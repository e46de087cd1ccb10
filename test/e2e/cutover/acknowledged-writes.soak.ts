import { describe } from 'vitest';
import { acknowledgedWrites } from '../../support/scenarios/acknowledged-writes.ts';

describe('a source that is written to in every way, two hundred times a second', () =>
  acknowledgedWrites({ rounds: 5, seconds: 3, load: { perSecond: 200, clusterPerSecond: 1 } }));
