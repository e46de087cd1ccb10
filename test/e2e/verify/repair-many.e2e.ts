import { describe } from 'vitest';
import { repairsOfMany } from '../../support/scenarios/repair-many.ts';

describe('one repair makes good', () =>
  repairsOfMany([
    ['more than are listed, one by one', { items: 400, deleted: 100, changed: 20 }],
    ['so many that they are sent like a copy', { items: 600, deleted: 250, changed: 50 }],
  ]));
