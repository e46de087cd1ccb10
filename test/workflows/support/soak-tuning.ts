/** What workflows go by in the soak tests of their logic, and in those of requests: histories as long as those of real runs. */
import { defaultWorkflowTuning, type WorkflowTuning } from '../../../src/core/contract/tuning.ts';
import { tuning as testTuning } from './tuning.ts';

const { continueAfterEvents, continueAfterBytes, filesPerStep } = defaultWorkflowTuning;

export const tuning: WorkflowTuning = {
  ...testTuning,
  continueAfterEvents,
  continueAfterBytes,
  filesPerStep,
  // for pieces to end by themselves: this server stumbles over one that is canceled as it ends
  restMs: 5_000,
};
