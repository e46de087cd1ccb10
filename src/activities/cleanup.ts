import { findLeftovers, removeLeftovers } from '../engine/cleanup/leftovers.ts';

/** Removing what workflows that no longer run have left. */
export const cleanupActivities = { findLeftovers, removeLeftovers };
