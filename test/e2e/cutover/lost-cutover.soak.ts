import { describe } from 'vitest';
import { LOSSES, lostCutovers, STEPS } from '../../support/scenarios/lost-cutover.ts';

const cases = LOSSES.flatMap((loss) => STEPS.map((step) => [loss, step] as const));

describe('a cutover that loses something at each of its steps', () =>
  lostCutovers({ cases, timeouts: STEPS }));
