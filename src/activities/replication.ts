import {
  pauseReplication,
  removeReplication,
  startReplication,
} from '../engine/replication/replication-task.ts';

/** External replication from the source into the target, for one workflow. */
export const replicationActivities = { startReplication, pauseReplication, removeReplication };
