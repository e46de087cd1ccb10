/** The steps that a migration will take, described before it takes them. */
import { isObserved, type MigrateDatabaseConfig, type PlannedConfig } from '../contract/contract.ts';
import type { WorkingPhase } from '../contract/phases.ts';

/** One step, and what it does to each side. */
export interface Step {
  phase: WorkingPhase;
  does: string;
  /** What happens to the source. */
  source: string;
  target: string;
  /** What a person has to do; null for nothing. */
  human: string | null;
  /** Whether the application must not write during this step. */
  downtime: boolean;
}

type StepDraft = Omit<Step, 'human' | 'downtime'> & Partial<Step>;

const READ = 'is read; stays in use';

/** Every step of the runbook, in order. @param exists whether the target exists already */
export function migrationSteps(input: PlannedConfig, exists: boolean): Step[] {
  const drafts: StepDraft[] = [
    {
      phase: 'planning',
      does: 'Runs the checks of this plan again, and ends if one of them blocks.',
      source: READ,
      target: 'is read, if it exists',
    },
    {
      phase: 'preparing',
      does: 'Makes both sides ready.',
      source: 'gets one disabled index, "Shardlift/KeepTombstones/...", which keeps the tombstones',
      target: `${exists ? 'stays as it is' : created(input)}; gets the key "shardlift/claim", analyzers, sorters and connection strings`,
    },
    { phase: 'copying', ...copying(input) },
    {
      phase: 'catching-up',
      does: 'Copies changes and deletions in rounds.',
      source: READ,
      target: 'gets the changes',
    },
    {
      phase: 'verifying',
      does: 'Compares every document by content, and everything else as described in docs/what-is-carried.md.',
      source: READ,
      target: 'is read',
    },
    ...(input.freeze === 'fence' ? fenced(input) : quiet(input)),
  ];
  return drafts.map(({ human = null, downtime = false, ...step }) => ({ ...step, human, downtime }));
}

/** The end of the runbook where people stop the writers. */
function quiet(input: PlannedConfig): StepDraft[] {
  return [
    {
      phase: 'awaiting-approval',
      does: 'Waits until approved, and keeps catching up.',
      source: READ,
      target: 'gets the changes',
      human: 'Approve (`shardlift approve`) or reject. Before that, stop every writer of the source.',
    },
    {
      phase: 'freezing',
      does: `Waits until nothing has written to the source for ${input.quietFor}. That must begin within ${input.quietWithin}, or the freeze is undone.`,
      source: 'must not be written to; the migration changes nothing on it',
      target: 'stays as it is',
      human: 'Keep every writer stopped until the end.',
      downtime: true,
    },
    {
      phase: 'draining',
      does: 'Copies the last changes.',
      source: 'is read',
      target: 'gets the last changes',
      downtime: true,
    },
    {
      phase: 'final-verifying',
      does: `Compares everything again and copies the remaining settings. The whole downtime must fit into ${input.downtimeBudget}, or the freeze is undone.`,
      source: 'is read',
      target: 'is compared; gets revisions, expiration, and tasks and subscriptions, which arrive disabled',
      downtime: true,
    },
    {
      phase: 'completing',
      does: LOOKS_AND_CLEANS,
      source: 'loses the index; is left as it was',
      target: `loses the key; ${GETS_NOTE}`,
      human: 'Point the application at the target, and start it.',
      downtime: true,
    },
  ];
}

const LOOKS_AND_CLEANS =
  'Looks for what has come to the source since the switch, cleans up, and writes the report.';
const GETS_NOTE = 'gets the key "shardlift/cutover", which says where the source stood';

/** The end of the runbook where RavenDB refuses every request to the source. */
function fenced(input: PlannedConfig): StepDraft[] {
  const { downtimeBudget, observeFor } = input;
  const stays = input.sourceAfterCutover === 'closed';
  const observed = isObserved(input);
  return [
    {
      phase: 'awaiting-approval',
      does: 'Waits until approved, and keeps catching up. Then copies the last settings, and compares compare exchange, identities and indexes.',
      source: `${READ}; gets locked against deletion`,
      target:
        'gets the changes; then revisions, expiration, and tasks and subscriptions, which arrive disabled',
      human: 'Approve (`shardlift approve`) or reject.',
    },
    {
      phase: 'freezing',
      does: `Closes the source, and opens its storage under another name. The whole downtime must fit into ${downtimeBudget}, or the fence is undone.`,
      source: 'refuses every request, reads included',
      target: 'gets the key "shardlift/fence"',
      downtime: true,
    },
    {
      phase: 'draining',
      does: 'Copies what has changed until the source was closed.',
      source: 'is read under its other name',
      target: 'gets the last changes',
      downtime: true,
    },
    {
      phase: 'final-verifying',
      does: 'Compares everything that has changed on either side since the last full comparison.',
      source: 'is read under its other name',
      target: 'is compared',
      downtime: true,
    },
    ...(observed
      ? [
          {
            phase: 'observing' as const,
            does: `Carries what changes on the target back to the source for ${observeFor}, or until somebody completes it or rolls it back.`,
            source: 'stays closed; is written to under its other name',
            target: 'serves; has an index that keeps the tombstones, like the one on the source',
            human: 'Point the application at the target. Then `shardlift complete` or `shardlift roll-back`.',
          },
        ]
      : []),
    {
      phase: 'completing',
      does: stays ? 'Cleans up and writes the report.' : LOOKS_AND_CLEANS,
      source: stays ? 'stays closed under its name, with the index' : 'opens again; loses the index',
      target: `loses the key "shardlift/claim"${stays ? '' : `; ${GETS_NOTE}`}`,
      ...(observed ? {} : { human: 'Point the application at the target.', downtime: true }),
    },
  ];
}

function created({ target: { shards, replicationFactor } }: MigrateDatabaseConfig): string {
  const copies = replicationFactor > 1 ? `, each on ${replicationFactor} nodes` : '';
  return `is created with ${shards ?? '?'} shards${copies}`;
}

function copying({ method, source, target, maxItemsPerSecond }: MigrateDatabaseConfig) {
  const limit = maxItemsPerSecond === null ? '' : `, at most ${maxItemsPerSecond} items a second`;
  const filled = 'gets the items, then the indexes';
  switch (method) {
    case 'stream':
      return {
        does: `Copies in pieces through the workers' memory, directly into the shards${limit}.`,
        source: 'is exported; stays in use',
        target: filled,
      };
    case 'dump':
      return {
        does: `Writes a dump on a worker's disk, then imports it${limit}.`,
        source: 'is exported once; stays in use',
        target: filled,
      };
    case 'backup':
      return {
        does: `Imports the backup files, deletes what the source no longer has, then copies what has changed since${limit}.`,
        source: 'its ids are read; stays in use',
        target: filled,
      };
    case 'replication':
      return {
        does: "Waits while RavenDB's external replication copies the documents.",
        source: `gets a replication task and its connection string to "${target.database}", both removed at the end`,
        target: `is filled by the source server ("${source.database}"); then gets the indexes`,
      };
  }
}

/** What is left to people at the cutover. */
const WRITERS: Record<PlannedConfig['freeze'], string> = {
  fence:
    'The application is not switched over, unless a hook does it: RavenDB refuses its requests to the source.',
  hook: 'The application is not switched over, and no writer is stopped, but by your hooks.',
  quiet: 'The application is not switched over, and no writer is stopped: you have to do that.',
};

/** What a migration does not do. */
export function notDone(input: PlannedConfig): string[] {
  const { source, target, method, freeze, sourceAfterCutover } = input;
  const isClosed = freeze === 'fence' && sourceAfterCutover === 'closed';
  return [
    `Nothing is ever deleted from the source "${source.database}"${isClosed ? ', which stays closed' : '; it is left as it is'} after the cutover.`,
    WRITERS[freeze],
    ...(target.allowExistingData
      ? [`Other documents in "${target.database}" are not deleted; those with the same id are overwritten.`]
      : []),
    ...(method === 'replication' ? ['maxItemsPerSecond and throttle have no effect on replication.'] : []),
    'Tasks and subscriptions are not enabled on the target, and subscription workers are not told where to start.',
    'The requests of the application are not checked: a sharded database does not support MoreLikeThis, ordering by score, ' +
      'JSON patch, moving and copying attachments, or loading documents of other shards in queries.',
  ];
}
