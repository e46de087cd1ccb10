/** What a database is at work on. */
import type { RunningOperation } from '../../core/cutover/hindrances.ts';
import type { Database } from '../connection/database.ts';

interface Operation {
  Description: { TaskType: string; Description?: string | null; StartTime: string };
  State: { Status: string };
}

/** Operations that have not ended, on the node that answers. @throws RavenError */
export async function runningOperations(database: Database): Promise<RunningOperation[]> {
  const { Results } = await database.json<{ Results: Operation[] }>({
    doing: 'Reading the operations',
    path: 'operations',
  });
  return Results.filter(({ State }) => State.Status === 'InProgress').map(
    ({ Description: { TaskType, Description, StartTime } }) => ({
      type: TaskType,
      description: Description ?? '',
      startedAt: StartTime,
    }),
  );
}
