import { describe } from 'vitest';
import { ENDINGS, lostRollBacks, STEPS } from '../../support/scenarios/lost-roll-back.ts';
import { VICTIMS } from '../../support/servers/own-servers.ts';

const ended = ENDINGS.flatMap((ending) => STEPS.map((step) => [ending, step] as const));
const killed = VICTIMS.flatMap((victim) => STEPS.map((step) => [victim, step] as const));

describe('a roll-back that is lost at each of its steps', () =>
  lostRollBacks({ ended, both: STEPS, killed }));
