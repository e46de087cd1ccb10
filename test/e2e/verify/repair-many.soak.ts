import { describe } from 'vitest';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import { repairsOfMany, repairThroughDeath } from '../../support/scenarios/repair-many.ts';
import { tuningVariable } from '../../support/servers/tuning.ts';

/** As a deployment holds ids in memory: with the few of the tests it would read both sides hundreds of times. */
const { compare, repair } = defaultTuning;
const env = tuningVariable({ compare: { idsAtATime: compare.idsAtATime }, repair });

describe('one repair makes good', () =>
  repairsOfMany(
    [['110,000 of 150,000', { items: 150_000, deleted: 100_000, changed: 10_000, within: 1 }]],
    env,
  ));

describe('a repair of many', () =>
  repairThroughDeath({ items: 60_000, deleted: 50_000, changed: 5_000 }, env));
