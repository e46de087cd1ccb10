import { describe } from 'vitest';
import { lostRollBacks, STEPS } from '../../support/scenarios/lost-roll-back.ts';

describe('a roll-back that is lost at each of its steps', () =>
  lostRollBacks({ migration: STEPS, both: STEPS, worker: STEPS }));
