import { catchUp } from '../engine/catch-up/catch-up.ts';

/** Keeping the target in step with a source that is being written to. */
export const catchUpActivities = { catchUp };
