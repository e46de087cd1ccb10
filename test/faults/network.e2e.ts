import { describe } from 'vitest';
import { badWire, cutWire, narrowWire, silentWire, withToxiproxy } from '../support/scenarios/network.ts';
import { tuningVariable } from '../support/servers/tuning.ts';

const impatient = {
  env: tuningVariable({ connection: { silentMs: 4_000, stuckMs: 20_000 } }),
  noticedWithinMs: 60_000,
};

withToxiproxy();

describe('a migration ends with an equal target', () => {
  badWire(impatient);
  cutWire(impatient, [['upstream', 50_000]]);
  narrowWire(impatient, 100_000);
});
describe('a migration ends with an equal target when lines go silent and stay open', () =>
  silentWire(impatient, ['downstream']));
