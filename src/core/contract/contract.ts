/**
 * The public contract: what people type into the Temporal CLI and UI. Names of workflow types, messages and
 * fields may change only together with the docs, the tests and the changelog.
 */
import { z } from 'zod';
import { approvalRulesSchema } from './approval-contract.ts';
import { type ChosenFreeze, cutover } from './cutover-contract.ts';
import { durationMs, parseDuration } from './duration.ts';
import { backupSchema, encryptionKey } from './file-contract.ts';
import {
  type DatabaseRef,
  duration,
  durationText,
  ELSEWHERE,
  isElsewhere,
  itemsPerSecond,
  type Pair,
  type Parsed,
  parse,
  sourceSchema,
  speedLimit,
  targetSchema,
} from './schemas.ts';

export type { ChosenFreeze } from './cutover-contract.ts';
export type { DatabaseRef, Pair, Parsed } from './schemas.ts';

/** Names of the requests that steer a run. Each is both a signal and an update. */
export const requests = {
  approve: 'approveCutover',
  reject: 'rejectCutover',
  repair: 'repair',
  skip: 'skip',
  rehearse: 'rehearse',
  complete: 'complete',
  rollBack: 'rollBack',
  pause: 'pause',
  resume: 'resume',
  throttle: 'throttle',
  abort: 'abort',
} as const;

/** How the command line spells a request: `rollBack` is `roll-back` there. */
export function commandOf(request: keyof typeof requests): string {
  return request.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The name of a request, as people type it. */
export type RequestName = (typeof requests)[keyof typeof requests];

/** Names of the queries. */
export const queries = { progress: 'progress', report: 'report' } as const;

/** What each of them is for, as Temporal's UI and docs/reference.md show it: a request with the fields of its payload. */
export const handlerTexts: Record<RequestName | keyof typeof queries, string> = {
  approveCutover:
    'Approve the cutover: {"by","note"}; to accept differences, also "acceptDifferences": their digest',
  rejectCutover: 'Reject the cutover and end: {"by","note"}',
  repair: 'Mend all that differs, then compare again; or say how much that is: {"by","note","dryRun"}',
  skip: 'Do without the items that RavenDB refuses: {"by","note"}',
  rehearse: 'Try the cutover up to the switch, and undo it: {"by","note","within"}',
  complete: 'Close the way back and end: {"by","note"}',
  rollBack: 'Take the cutover back: {"by","note"}',
  pause: 'Stop all work until resumed: {"by","note"}',
  resume: 'Go on after a pause: {"by","note"}',
  throttle: 'Limit the speed, or remove the limit with null: {"by","note","maxItemsPerSecond"}',
  abort: 'End before it is done: {"by","note"}',
  progress: 'Phase, how far it is, and what is waited for',
  report: 'The report so far: input, timings, counts, what was found',
};

/** The workflow types. */
export const workflowTypes = {
  migrateDatabase: 'migrateDatabase',
  cutOver: 'cutOver',
  rehearseCutover: 'rehearseCutover',
  exportDatabase: 'exportDatabase',
  importDump: 'importDump',
  importBackup: 'importBackup',
  syncDatabase: 'syncDatabase',
  replicateDatabase: 'replicateDatabase',
  verifyDatabases: 'verifyDatabases',
  planMigration: 'planMigration',
  removeLeftovers: 'removeLeftovers',
} as const;

export type WorkflowType = keyof typeof workflowTypes;

/** How the worker copies documents: from database to database, or through a dump file on its disk. */
export const copyMethods = ['stream', 'dump'] as const;

/** How the first copy is made: by the worker, from backup files, or by RavenDB's own external replication. */
export const methods = [...copyMethods, 'backup', 'replication'] as const;

const places = {
  source: sourceSchema.describe('The database that is read; not sharded.'),
  target: targetSchema.describe('The sharded database.'),
};

/** Behind a fence all clients wait; otherwise it holds the wait for writers that people stop. */
const DOWNTIME_BUDGET = { fence: '30s', other: '10m' };

const limits = {
  maxItemsPerSecond: speedLimit,
  quietFor: duration('5s').describe('Without a fence: for how long nothing may write to the source.'),
  quietWithin: duration('1m').describe('Without a fence: within what time that must begin.'),
  downtimeBudget: durationText
    .nullable()
    .default(null)
    .describe(
      `From the freeze to the end; when it runs out, the freeze is undone. \`null\`: \`"${DOWNTIME_BUDGET.fence}"\` behind a fence, else \`"${DOWNTIME_BUDGET.other}"\`.`,
    ),
  approval: approvalRulesSchema.describe('What an approval of the cutover takes.'),
  compareEvery: duration('7d').describe(
    'While an approval is awaited, everything is compared again when the last comparison is so old.',
  ),
};

const migrationFields = z.strictObject({
  ...places,
  method: z.enum(methods).default('stream').describe('How the first copy is made.'),
  hostGoneAfter: duration('5m').describe(
    'Method `"dump"`: for how long the worker that holds the file may be gone.',
  ),
  onHostGone: z
    .enum(['exportAgain', 'wait'])
    .default('exportAgain')
    .describe('Method `"dump"`: whether another worker exports again then, or the run waits.'),
  backup: backupSchema.nullable().default(null).describe('Method `"backup"`: where the files are.'),
  encryptionKey,
  resumeEarlierRun: z
    .boolean()
    .default(false)
    .describe('Goes on with what a terminated run of the same workflow id has left on the target.'),
  ...cutover,
  ...limits,
});

const replicationFields = z.strictObject({ ...places, ...limits });

interface Checked extends Pair<DatabaseRef> {
  quietFor: string;
  downtimeBudget: string | null;
}

/** Checks that involve more than one field. */
function checked<T extends z.ZodType<Checked>>(schema: T): T {
  return schema.refine(isElsewhere, ELSEWHERE).refine(
    // an invalid duration has been reported already
    ({ quietFor, downtimeBudget }) =>
      (parseDuration(quietFor) ?? 0) <
      (parseDuration(downtimeBudget ?? DOWNTIME_BUDGET.other) ?? Number.POSITIVE_INFINITY),
    { path: ['downtimeBudget'], error: 'must be longer than quietFor, which is part of it' },
  );
}

/** The one argument of `migrateDatabase`. */
export const migrateDatabaseSchema = checked(
  migrationFields
    .refine(({ method, backup }) => method !== 'backup' || backup !== null, {
      path: ['backup'],
      error: 'is missing: say where the files are, {"path": ...}',
    })
    .refine(({ method, backup }) => method === 'backup' || backup === null, {
      path: ['backup'],
      error: 'is only for method "backup"',
    })
    .refine(
      ({ freeze, hooks }) =>
        freeze !== 'hook' || (hooks.stopWriters.length > 0 && hooks.startWriters.length > 0),
      {
        path: ['hooks'],
        error:
          'must name stopWriters and startWriters for freeze "hook": what stops the writers must start them again',
      },
    )
    .refine(({ method, freeze }) => method !== 'replication' || freeze !== 'fence', {
      path: ['freeze'],
      error:
        'cannot be "fence" with method "replication": RavenDB does not replicate a database that is closed',
    }),
);

/** A target that something else has filled. */
const filled = targetSchema
  .omit({ shards: true, replicationFactor: true })
  .describe('The sharded database, which something else has filled.');

const rehearsalWithin = duration('30s').describe(
  'When the source serves again at the latest: a rehearsal that takes longer is broken off.',
);

/** The one argument of `cutOver`. */
export const cutOverSchema = checked(z.strictObject({ ...places, target: filled, ...cutover, ...limits }));

/** The one argument of `rehearseCutover`. */
export const rehearseCutoverSchema = z
  .strictObject({
    ...places,
    target: filled,
    maxItemsPerSecond: speedLimit,
    within: rehearsalWithin,
  })
  .refine(isElsewhere, ELSEWHERE);

/** The one argument of `replicateDatabase`. */
export const replicateDatabaseSchema = checked(replicationFields);

const syncFields = z.strictObject({ ...places, maxItemsPerSecond: speedLimit });

/** The one argument of `syncDatabase`. */
export const syncDatabaseSchema = syncFields.refine(isElsewhere, ELSEWHERE);

/** Input of `migrateDatabase`; omitted fields get defaults. */
export type MigrateDatabaseInput = z.input<typeof migrateDatabaseSchema>;

/** The input with every default filled in. */
export type MigrateDatabaseConfig = z.output<typeof migrateDatabaseSchema>;

/** The input of a migration that was planned: nothing is left open. */
export type PlannedConfig = MigrateDatabaseConfig & {
  freeze: ChosenFreeze['freeze'];
  downtimeBudget: string;
};

/** The input with what a plan has chosen. @param chosen absent where the input leaves nothing open */
export function withChosen(input: MigrateDatabaseConfig, chosen: ChosenFreeze | undefined): PlannedConfig {
  const freeze = chosen?.freeze ?? (input.freeze === 'auto' ? 'quiet' : input.freeze);
  const usual = freeze === 'fence' ? DOWNTIME_BUDGET.fence : DOWNTIME_BUDGET.other;
  return { ...input, ...chosen, freeze, downtimeBudget: input.downtimeBudget ?? usual };
}

/**
 * Whether the way back is kept open after the cutover. What writes into an old database that is open would be lost on the way
 * back, so that takes one that stays closed.
 */
export function isObserved({ freeze, sourceAfterCutover, observeFor }: MigrateDatabaseConfig): boolean {
  return freeze === 'fence' && sourceAfterCutover === 'closed' && durationMs(observeFor) > 0;
}

export type TargetRef = MigrateDatabaseConfig['target'];

const requestNote = z.string().default('').describe('Why: kept in the report.');

/** The payload of `rejectCutover`, `skip`, `complete` and `rollBack`. */
export const decisionSchema = z.strictObject({
  by: z.string().trim().min(1, 'must name the person who decides').describe('Who decides.'),
  note: requestNote,
});

/** Who decided, and why. `by` is required because Temporal's UI sends no identity. */
export type Decision = z.output<typeof decisionSchema>;

/** The payload of `repair`. */
export const repairSchema = decisionSchema.extend({
  dryRun: z.boolean().default(false).describe('Only says how much would be mended.'),
});

/** Who asks for a repair, and whether it is a dry run. */
export type RepairRequest = z.output<typeof repairSchema>;

/** The payload of `approveCutover`. */
export const approvalSchema = decisionSchema.extend({
  acceptDifferences: z
    .string()
    .trim()
    .min(1, 'must be the digest that the verification shows')
    .optional()
    .describe('The digest of differences that are accepted; the approval holds for no others.'),
  evidence: z
    .string()
    .trim()
    .min(1, 'must be the digest that the migration shows')
    .optional()
    .describe(
      'The digest of the evidence that was looked at; the approval is refused when it is another by now.',
    ),
});

/** The approval of a cutover. */
export type Approval = z.output<typeof approvalSchema>;

/** The payload of `rehearse`. */
export const rehearsalSchema = decisionSchema.extend({ within: rehearsalWithin });

/** Who asks for a rehearsal of the cutover, and how long it may take. */
export type RehearsalRequest = z.output<typeof rehearsalSchema>;

const noteFields = { by: z.string().default('').describe('Who asks for it.'), note: requestNote };

/** The payload of `pause`, `resume` and `abort`, which may be absent. */
export const noteSchema = z.strictObject(noteFields).prefault({});

/** The payload of `throttle`. */
export const throttleSchema = z.strictObject({
  ...noteFields,
  maxItemsPerSecond: itemsPerSecond.nullable().describe('The new limit; `null` removes it.'),
});

/** A new limit of the speed, and who set it; null removes the limit. */
export type Throttle = z.output<typeof throttleSchema>;

/** Checks the argument of `migrateDatabase`. */
export function parseMigrateDatabase(input: unknown): Parsed<MigrateDatabaseConfig> {
  const parsed = parse(migrateDatabaseSchema, input, 'migrateDatabase');
  return parsed.ok ? { ok: true, value: withoutOthers(parsed.value) } : parsed;
}

/** Checks the argument of `syncDatabase` and returns that of a migration which copies in the same way. */
export function parseSyncDatabase(input: unknown): Parsed<MigrateDatabaseConfig> {
  const parsed = parse(syncDatabaseSchema, input, 'syncDatabase');
  if (!parsed.ok) return parsed;
  return parseMigrateDatabase(parsed.value);
}

/** Checks the argument of `cutOver` and returns that of a migration which ends in the same way. */
export function parseCutOver(input: unknown): Parsed<MigrateDatabaseConfig> {
  const parsed = parse(cutOverSchema, input, 'cutOver');
  return parsed.ok ? parseMigrateDatabase(parsed.value) : parsed;
}

/** Checks the argument of `rehearseCutover` and returns that of a migration whose cutover it rehearses, and the time for it. */
export function parseRehearseCutover(
  input: unknown,
): Parsed<{ config: MigrateDatabaseConfig; within: string }> {
  const parsed = parse(rehearseCutoverSchema, input, 'rehearseCutover');
  if (!parsed.ok) return parsed;
  const { within, ...rest } = parsed.value;
  const config = parseMigrateDatabase({ ...rest, freeze: 'fence', observeFor: '0s' });
  return config.ok ? { ok: true, value: { config: config.value, within } } : config;
}

/** Checks the argument of `replicateDatabase` and returns that of `migrateDatabase` which does the same. */
export function parseReplicateDatabase(input: unknown): Parsed<MigrateDatabaseConfig> {
  const parsed = parse(replicateDatabaseSchema, input, 'replicateDatabase');
  return parsed.ok ? parseMigrateDatabase({ ...parsed.value, method: 'replication' }) : parsed;
}

/** RavenDB replicates only into an empty database, so the target cannot hold data of its own. */
function withoutOthers(config: MigrateDatabaseConfig): MigrateDatabaseConfig {
  if (config.method !== 'replication') return config;
  return { ...config, target: { ...config.target, allowExistingData: false } };
}

/** Checks the payload of `approveCutover`. */
export function parseApproval(request: RequestName, payload: unknown): Parsed<Approval> {
  return parse(approvalSchema, payload, request);
}

/** Checks the payload of `rehearse`. */
export function parseRehearsal(request: RequestName, payload: unknown): Parsed<RehearsalRequest> {
  return parse(rehearsalSchema, payload, request);
}

/** Checks the payload of `repair`. */
export function parseRepair(request: RequestName, payload: unknown): Parsed<RepairRequest> {
  return parse(repairSchema, payload, request);
}

/** Checks the payload of `rejectCutover`, `skip`, `complete` and `rollBack`. */
export function parseDecision(request: RequestName, payload: unknown): Parsed<Decision> {
  return parse(decisionSchema, payload, request);
}

/** Checks the payload of `pause`, `resume` and `abort`, which may be absent. */
export function parseNote(request: RequestName, payload: unknown): Parsed<Decision> {
  return parse(noteSchema, payload ?? undefined, request);
}

/** Checks the payload of `throttle`. */
export function parseThrottle(request: RequestName, payload: unknown): Parsed<Throttle> {
  return parse(throttleSchema, payload ?? {}, request);
}
