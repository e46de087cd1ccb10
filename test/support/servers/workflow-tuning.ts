/** In the place of `src/workflows/run/tuning.ts` in the workflows that tests run. */
import { defaultWorkflowTuning, type WorkflowTuning } from '../../../src/core/contract/tuning.ts';

export const tuning: WorkflowTuning = {
  ...defaultWorkflowTuning,
  // above `activity.cutOffMs` of the worker's tuning
  heartbeatTimeoutMs: 8_000,
  maxRetryMs: 2_000,
  planMaxRetryMs: 1_500,
  planAttempts: 8,
  // of both sides together; `copy-workers` has so many
  sharePartsFromItems: 22_000,
  // a migration of every kind of item has more, so that many tests go on in new runs
  continueAfterEvents: 300,
  restMs: 2_000,
  filesPerStep: 2,
  leaseMs: 4_000,
  renewLeaseMs: 1_000,
};
