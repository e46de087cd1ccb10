import { describe } from 'vitest';
import { repairsOfMany } from '../../support/scenarios/repair-many.ts';

describe('one repair makes good', () =>
  repairsOfMany([['110,000 of 150,000', { items: 150_000, deleted: 100_000, changed: 10_000, within: 1 }]]));
