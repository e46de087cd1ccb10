import { workflowTypes } from './contract.ts';

/** Where Temporal is when nothing says so: as its own tools take it. */
export const DEFAULT_ADDRESS = 'localhost:7233';
export const DEFAULT_NAMESPACE = 'default';

/** A filter for lists of workflows: those of our types. */
export const OF_OUR_TYPES = `WorkflowType IN (${Object.keys(workflowTypes)
  .map((type) => `'${type}'`)
  .join(', ')})`;
/** A filter for lists of workflows: those that run. */
export const RUNNING = "ExecutionStatus = 'Running'";
