import { describe } from 'vitest';
import { CUTS, cutWire, silentWire, slowWire, withToxiproxy } from '../support/scenarios/network.ts';

/** With the patience that a worker has by default: a minute. */
const patient = { env: { SHARDLIFT_TUNING: undefined }, noticedWithinMs: 180_000 };

withToxiproxy({ items: 6_000, files: 48 });

describe('a migration ends with an equal target', () => {
  cutWire(patient, CUTS);
  slowWire(patient);
});
describe('a migration ends with an equal target when lines go silent and stay open', () =>
  silentWire(patient, ['upstream', 'downstream']));
