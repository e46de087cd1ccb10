import { describe } from 'vitest';
import { lostRollBacks, STEPS } from '../../support/scenarios/lost-roll-back.ts';
import { VICTIMS } from '../../support/servers/own-servers.ts';

const killed = VICTIMS.flatMap((victim) => STEPS.map((step) => [victim, step] as const));

describe('a roll-back that is lost at each of its steps', () =>
  lostRollBacks({ migration: STEPS, both: STEPS, killed }));
