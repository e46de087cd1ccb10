/**
 * Parts of the contract that several inputs share, and how an input is checked. What a field means is said by `describe`, and
 * what its text stands for by a title: docs/reference.md is written from both.
 */
import { z } from 'zod';
import { parseDuration } from './duration.ts';

/** A name; not empty. */
export const name = z.string().trim().min(1, 'must not be empty');

/** RavenDB reserves `$` in database names for shards (`shop$0`). */
const database = name.refine((value) => !value.includes('$'), 'must not contain "$": that names a shard');

/** A duration as Temporal writes it. */
export const durationText = z
  .string()
  .refine((value) => parseDuration(value) !== undefined, 'must be a duration such as "500ms", "30s" or "10m"')
  .meta({ title: 'duration' });

/** A duration that may be left out. */
export const duration = (fallback: string) => durationText.default(fallback);

/** A database that is read. */
export const sourceSchema = z.strictObject({
  connection: name.describe("A connection of the worker's configuration, by its name."),
  database: database.describe('The name of the database.'),
});

/** A database, by its name and the name of its connection. */
export type DatabaseRef = z.output<typeof sourceSchema>;

/** One of something for each side. */
export interface Pair<T> {
  source: T;
  target: T;
}

/** Whether source and target are different databases. RavenDB ignores the case of database names. */
export function isElsewhere({ source, target }: Pair<DatabaseRef>): boolean {
  return (
    source.connection !== target.connection || source.database.toLowerCase() !== target.database.toLowerCase()
  );
}

/** The error when source and target are the same. */
export const ELSEWHERE = {
  path: ['target', 'database'],
  error: 'must be a different database from the source',
};

/** The largest number of shards that was tried: every shard is read by itself in each comparison. */
export const MOST_SHARDS = 100;

/** A sharded database that is written to. */
export const targetSchema = z.strictObject({
  ...sourceSchema.shape,
  shards: z
    .int()
    .min(1)
    .max(MOST_SHARDS)
    .optional()
    .describe('Number of shards of a new target; required unless the target exists already.'),
  replicationFactor: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('Copies of each shard of a new target, each on another node.'),
  allowExistingData: z
    .boolean()
    .default(false)
    .describe('Allows writing into a target that holds documents already.'),
});

/** A limit of speed. */
export const itemsPerSecond = z.int().min(1);

/** A limit of speed that an input may have. */
export const speedLimit = itemsPerSecond
  .nullable()
  .default(null)
  .describe('Most items a second; `null`: no limit. `throttle` changes it during the run.');

/** The result of checking an input: the value, or one sentence that names every invalid field. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: string };

/** Checks an input. @param what its name in the problem */
export function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): Parsed<T> {
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
