import { describe } from 'vitest';
import { badWire, narrowWire, silentWire, withToxiproxy } from '../support/scenarios/network.ts';
import { tuningVariable } from '../support/servers/tuning.ts';

const impatient = {
  env: tuningVariable({ connection: { silentMs: 4_000, stuckMs: 20_000 } }),
  noticedWithinMs: 60_000,
};

withToxiproxy();

describe('a migration ends with an equal target', () => {
  badWire(impatient);
  narrowWire(impatient, 100_000);
});
describe('a migration ends with an equal target when lines go silent and stay open', () =>
  silentWire(impatient, ['downstream']));
