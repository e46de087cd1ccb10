/** Takes long: a broken line shows by silence, which each migration has to wait out. */
import { describe } from 'vitest';
import { brokenWire, narrowWire, silentWire, withToxiproxy } from '../support/scenarios/network.ts';
import { tuningVariable } from '../support/servers/tuning.ts';

const connection = { silentMs: 4_000, stuckMs: 20_000 };
const impatient = { env: tuningVariable({ connection }), noticedWithinMs: 60_000 };
/** A load that does not get through is halved: two attempts are in vain before one has fewer bytes than a wire carries. */
const small = { ...impatient, env: tuningVariable({ connection, copy: { loadBytes: 300_000 } }) };

withToxiproxy();

describe('a migration ends with an equal target', () => {
  brokenWire(impatient);
  narrowWire(small, 100_000);
});
describe('a migration ends with an equal target when lines go silent and stay open', () =>
  silentWire(impatient, ['downstream']));
