import { claimTarget, releaseTarget } from '../engine/prepare/claim.ts';
import {
  createTarget,
  documentsPerShard,
  holdTombstones,
  prepareTarget,
  readPosition,
  releaseTombstones,
} from '../engine/prepare/prepare.ts';
import { readLastSync, recordSync } from '../engine/prepare/sync-note.ts';

/** Making both sides ready, and leaving the source as it was. */
export const prepareActivities = {
  prepareTarget,
  createTarget,
  claimTarget,
  releaseTarget,
  documentsPerShard,
  holdTombstones,
  releaseTombstones,
  readPosition,
  readLastSync,
  recordSync,
};
