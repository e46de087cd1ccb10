/** The tuning of workflows; tests bundle the workflows with another one in the place of this file. */
import { defaultWorkflowTuning, type WorkflowTuning } from '../../core/contract/tuning.ts';

export const tuning: WorkflowTuning = defaultWorkflowTuning;
