import { describe } from 'vitest';
import { comparesAgain, copiesMuch, obeysAtEachMoment, waitsForApproval } from './support/long-runs.ts';
import { tuning as lengths } from './support/soak-tuning.ts';

describe('a migration of any length', () => {
  // changes each minute
  waitsForApproval(30, { runs: 8, lengths });
  copiesMuch({ pieces: 200, items: 100_000_000 }, { runs: 8, lengths });
  // a thousand comparisons that fail
  comparesAgain('300 days', { comparisons: 1_000, runs: 5, lengths });
  obeysAtEachMoment([-40, -2, 10], lengths);
});
