/** The steps that a migration will take, told before it takes them. */
import type { MigrateDatabaseConfig } from '../contract/contract.ts';
import type { WorkingPhase } from '../contract/phases.ts';

/** One step: what it does to either side. */
export interface Step {
  phase: WorkingPhase;
  does: string;
  /** What becomes of the source by it. */
  source: string;
  target: string;
  /** Who has to do something, and what; null when nobody has. */
  human: string | null;
  /** Whether the application must not write meanwhile. */
  downtime: boolean;
}

type Told = Omit<Step, 'human' | 'downtime'> & Partial<Step>;

const READ = 'is read, and serves on';

/** Every step of the runbook, in order. @param exists whether the target is there already */
export function migrationSteps(input: MigrateDatabaseConfig, exists: boolean): Step[] {
  const told: Told[] = [
    {
      phase: 'planning',
      does: 'Makes the checks of this plan again, and ends when one of them blocks.',
      source: READ,
      target: 'is read, if it is there',
    },
    {
      phase: 'preparing',
      does: 'Makes both sides ready.',
      source: 'gets one disabled index, "Shardlift/KeepTombstones/...", which keeps the marks of deletions',
      target: `${exists ? 'stays as it is' : created(input)}; gets the key "shardlift/claim", analyzers, sorters and connection strings`,
    },
    { phase: 'copying', ...copying(input) },
    {
      phase: 'catching-up',
      does: 'Carries in rounds what has changed meanwhile, deletions too.',
      source: READ,
      target: 'gets the changes',
    },
    {
      phase: 'verifying',
      does: 'Compares every document by content, and everything else as docs/what-is-carried.md says.',
      source: READ,
      target: 'is read',
    },
    {
      phase: 'awaiting-approval',
      does: 'Waits as long as it takes, and goes on catching up.',
      source: READ,
      target: 'gets the changes',
      human: 'Approve (`shardlift approve`) or reject. Before that, stop every writer of the source.',
    },
    {
      phase: 'freezing',
      does: `Waits until the source has stood still for ${input.quietFor}; within ${input.quietWithin}, or the freeze is undone.`,
      source: 'must not be written to by anybody; nothing is changed on it',
      target: 'stays as it is',
      human: 'Keep every writer stopped until the end.',
      downtime: true,
    },
    {
      phase: 'draining',
      does: 'Carries the last changes.',
      source: 'is read',
      target: 'gets the last changes',
      downtime: true,
    },
    {
      phase: 'final-verifying',
      does: `Compares everything again and carries the remaining settings. All of the downtime within ${input.downtimeBudget}, or the freeze is undone.`,
      source: 'is read',
      target: 'is compared; gets revisions, expiration, tasks and subscriptions, these two disabled',
      downtime: true,
    },
    {
      phase: 'completing',
      does: 'Tidies up and writes the report.',
      source: 'loses the index again, and is left as it was',
      target: 'loses the key again',
      human: 'Point the application at the target, and start it.',
      downtime: true,
    },
  ];
  return told.map(({ human = null, downtime = false, ...step }) => ({ ...step, human, downtime }));
}

function created({ target: { shards, replicationFactor } }: MigrateDatabaseConfig): string {
  const copies = replicationFactor > 1 ? `, each on ${replicationFactor} nodes` : '';
  return `is created with ${shards ?? '?'} shards${copies}`;
}

function copying({ method, source, target, maxItemsPerSecond }: MigrateDatabaseConfig) {
  const limit = maxItemsPerSecond === null ? '' : `, at most ${maxItemsPerSecond} items a second`;
  const filled = 'is filled; then gets the indexes';
  switch (method) {
    case 'stream':
      return {
        does: `Copies in pieces, by way of the workers' memory, straight into the shards${limit}.`,
        source: 'is exported, and serves on',
        target: filled,
      };
    case 'dump':
      return {
        does: `Writes a dump on a worker's disk, then imports it${limit}.`,
        source: 'is exported once, and serves on',
        target: filled,
      };
    case 'backup':
      return {
        does: `Imports the backup files, deletes what the source no longer has, then carries what has changed since${limit}.`,
        source: 'is not read for the files; its ids are',
        target: filled,
      };
    case 'replication':
      return {
        does: "Waits while RavenDB's external replication carries the documents.",
        source: `gets a replication task and its connection string to "${target.database}", both taken away at the end`,
        target: `is filled by the server of "${source.database}"; then gets the indexes`,
      };
  }
}

/** What a migration does not do, whatever people hope. */
export function notDone({ source, target, method }: MigrateDatabaseConfig): string[] {
  return [
    `Nothing is ever deleted from the source "${source.database}"; it is left as it is after the cutover.`,
    'The application is not switched over, and no writer is stopped: that is for you to do.',
    ...(target.allowExistingData
      ? [`What "${target.database}" holds of others is not deleted; what has the same id is overwritten.`]
      : []),
    ...(method === 'replication' ? ['maxItemsPerSecond and throttle have no effect on replication.'] : []),
    'Tasks and subscriptions are not enabled on the target, and no worker is told where to begin.',
    'What the application asks of RavenDB is not looked at: a sharded database has no MoreLikeThis, ordering by score, JSON ' +
      'patch, moving and copying of attachments, or loading of documents of other shards in queries.',
  ];
}
