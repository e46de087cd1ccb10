/**
 * The public contract: what people type into the Temporal CLI and UI. Names of workflow types, messages and
 * fields may change only together with the README, the tests and the changelog.
 */
import { z } from 'zod';
import { parseDuration } from './duration.ts';

/** The task queue that workers poll and clients start workflows on, unless the configuration names another. */
export const DEFAULT_TASK_QUEUE = 'shardlift';

/** The task queue of the pieces of a copy, beside the one that workflows run on. */
export function pieceTaskQueue(taskQueue: string): string {
  return `${taskQueue}/pieces`;
}

/** Names of the signals and updates that steer a migration. Each exists as both. */
export const requests = {
  approve: 'approveCutover',
  reject: 'rejectCutover',
  pause: 'pause',
  resume: 'resume',
  throttle: 'throttle',
  abort: 'abort',
} as const;

/** A request's name, as it is typed. */
export type RequestName = (typeof requests)[keyof typeof requests];

/** Names of the queries. */
export const queries = { progress: 'progress', report: 'report' } as const;

/** The workflow types. */
export const workflowTypes = { migrateDatabase: 'migrateDatabase' } as const;

const name = z.string().trim().min(1, 'must not be empty');

/** RavenDB keeps a `$` in a database name for its shards (`shop$0`). */
const database = name.refine((value) => !value.includes('$'), 'must not contain "$": that names a shard');

const duration = (fallback: string) =>
  z
    .string()
    .refine(
      (value) => parseDuration(value) !== undefined,
      'must be a duration such as "500ms", "30s" or "10m"',
    )
    .default(fallback);

const sourceSchema = z.strictObject({ connection: name, database });

const targetSchema = z.strictObject({
  connection: name,
  database,
  /** How many shards a new target gets; needed unless the target database exists already. */
  shards: z.int().min(1).max(1000).optional(),
  /** Copies of each shard, over as many nodes. */
  replicationFactor: z.int().min(1).max(100).default(1),
  /** Lets the migration write into a target that holds documents already. */
  allowExistingData: z.boolean().default(false),
});

/** How documents travel: piped from database to database, or through a dump file on the worker's disk. */
export const methods = ['stream', 'dump'] as const;

const itemsPerSecond = z.int().min(1);

/** The one argument of `migrateDatabase`. */
export const migrateDatabaseSchema = z
  .strictObject({
    source: sourceSchema,
    target: targetSchema,
    method: z.enum(methods).default('stream'),
    /** Limit of the copy's speed; can be changed while it runs. */
    maxItemsPerSecond: itemsPerSecond.nullable().default(null),
    /** At the freeze the source must stand still for this long ... */
    quietFor: duration('5s'),
    /** ... and must have begun to within this time, else the freeze is undone. */
    quietWithin: duration('1m'),
    /** From the freeze to the end; when it is over, the freeze is undone. */
    downtimeBudget: duration('10m'),
  })
  .refine(
    // RavenDB takes names of databases in any case
    ({ source, target }) =>
      source.connection !== target.connection ||
      source.database.toLowerCase() !== target.database.toLowerCase(),
    { path: ['target', 'database'], error: 'must be another database than the source' },
  )
  .refine(
    // a duration that is none has been reported already
    ({ quietFor, downtimeBudget }) =>
      (parseDuration(quietFor) ?? 0) < (parseDuration(downtimeBudget) ?? Number.POSITIVE_INFINITY),
    { path: ['downtimeBudget'], error: 'must be longer than quietFor, which is a part of it' },
  );

/** What a person hands to `migrateDatabase`; the rest has defaults. */
export type MigrateDatabaseInput = z.input<typeof migrateDatabaseSchema>;

/** The input with every default filled in. */
export type MigrateDatabaseConfig = z.output<typeof migrateDatabaseSchema>;

export type SourceRef = MigrateDatabaseConfig['source'];

const decisionSchema = z.strictObject({
  by: z.string().trim().min(1, 'must name who decides'),
  note: z.string().default(''),
});

/** Who decided something, and what they had to say. `by` is required: Temporal's UI sends no identity. */
export type Decision = z.output<typeof decisionSchema>;

const noteSchema = z.strictObject({ by: z.string().default(''), note: z.string().default('') }).prefault({});

const throttleSchema = z.strictObject({
  by: z.string().default(''),
  note: z.string().default(''),
  maxItemsPerSecond: itemsPerSecond.nullable(),
});

/** A new limit of the copy's speed, and who set it; null takes the limit away. */
export type Throttle = z.output<typeof throttleSchema>;

/** The result of checking an input: the value, or one sentence that names every field at fault. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: string };

/** Checks the argument of `migrateDatabase`. */
export function parseMigrateDatabase(input: unknown): Parsed<MigrateDatabaseConfig> {
  return parse(migrateDatabaseSchema, input, 'migrateDatabase');
}

/** Checks the payload of `approveCutover` and `rejectCutover`. */
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

function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): Parsed<T> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.map((issue) => describeIssue(issue, schema));
  return { ok: false, problem: `Invalid input of ${what}: ${problems.join('; ')}.` };
}

function describeIssue(issue: z.core.$ZodIssue, schema: z.ZodType): string {
  const path = issue.path.join('.') || 'the input';
  switch (issue.code) {
    case 'unrecognized_keys': {
      const unknown = issue.keys.map((key) => [...issue.path, key].join('.'));
      return `${unknown.join(', ')} is not a field (known here: ${fieldsAt(schema, issue.path).join(', ')})`;
    }
    case 'invalid_type':
      return issue.input === undefined
        ? `${path} is missing (type ${issue.expected})`
        : `${path} must be of type ${issue.expected === 'int' ? 'integer' : issue.expected}`;
    case 'invalid_value':
      return `${path} must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? `${path} ${issue.message}`
        : `${path} must be at least ${issue.minimum}`;
    case 'too_big':
      return `${path} must be at most ${issue.maximum}`;
    default:
      return `${path} ${issue.message}`;
  }
}

/** The names of the fields that an object schema knows at a path. */
function fieldsAt(schema: z.ZodType, path: PropertyKey[]): string[] {
  let here: z.core.$ZodType | undefined = schema;
  for (const step of path) here = here instanceof z.ZodObject ? here.shape[String(step)] : undefined;
  if (here instanceof z.ZodPrefault) here = here.unwrap();
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}
