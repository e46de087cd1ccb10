import { describe } from 'vitest';
import { refusedItems } from '../../support/scenarios/refused-items.ts';

describe('items that RavenDB refuses', () => refusedItems(2_000));
