import { describe } from 'vitest';
import { repairsOfMany, repairThroughDeath } from '../../support/scenarios/repair-many.ts';

describe('one repair makes good', () =>
  repairsOfMany([['110,000 of 150,000', { items: 150_000, deleted: 100_000, changed: 10_000, within: 1 }]]));

describe('a repair of many', () => repairThroughDeath({ items: 60_000, deleted: 50_000, changed: 5_000 }));
