/** What workflows go by in the tests of their logic: the defaults, but where the clock cannot skip. */
import { defaultWorkflowTuning, type WorkflowTuning } from '../../../src/core/contract/tuning.ts';

export const tuning: WorkflowTuning = {
  ...defaultWorkflowTuning,
  // an activity that waits for a worker holds the clock
  hostGoneMs: 300,
};
