/** What workflows go by in the tests of their logic: the defaults, but where the clock cannot skip. */
import { defaultWorkflowTuning, type WorkflowTuning } from '../../../src/core/contract/tuning.ts';

export const tuning: WorkflowTuning = {
  ...defaultWorkflowTuning,
  // an activity that waits for a worker holds the clock
  hostGoneMs: 300,
  // a tenth of what runs for real take, so that the tests of long runs are short
  continueAfterEvents: 250,
  continueAfterBytes: 200_000,
  restMs: 300,
  filesPerStep: 20,
  // a migration that is terminated leaves a lock on the clock
  leaseMs: 3_000,
  renewLeaseMs: 500,
};
