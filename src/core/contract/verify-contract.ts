/** The public contract of `verifyDatabases`. */
import { z } from 'zod';
import { ELSEWHERE, isElsewhere, itemsPerSecond, type Parsed, parse, sourceSchema } from './schemas.ts';

/**
 * How much is compared: numbers alone; a sample of documents with all that belongs to them; or every item by its
 * content.
 */
export const depths = ['counts', 'sample', 'full'] as const;

const DEFAULT_SAMPLE = 1_000;
/** More than that is read faster as a whole. */
const LARGEST_SAMPLE = 100_000;

/** The one argument of `verifyDatabases`. */
export const verifyDatabasesSchema = z
  .strictObject({
    source: sourceSchema,
    target: sourceSchema,
    depth: z.enum(depths).default('full'),
    /** How many documents of each side are drawn. */
    sampleSize: z.int().min(1).max(LARGEST_SAMPLE).optional(),
    /** Whether the target may hold what the source has not. */
    allowExtra: z.boolean().default(false),
    maxItemsPerSecond: itemsPerSecond.nullable().default(null),
    /** Whether the run waits with what it found until somebody has it copied once more. */
    repair: z.enum(['no', 'ask']).default('no'),
  })
  .refine(isElsewhere, ELSEWHERE)
  .refine(({ depth, sampleSize }) => depth === 'sample' || sampleSize === undefined, {
    path: ['sampleSize'],
    error: 'is for depth "sample"',
  })
  .refine(({ depth, maxItemsPerSecond }) => depth === 'full' || maxItemsPerSecond === null, {
    path: ['maxItemsPerSecond'],
    error: 'is for depth "full"; the others read little',
  })
  .refine(({ depth, repair }) => depth !== 'counts' || repair === 'no', {
    path: ['repair'],
    error: 'needs depth "full" or "sample": numbers do not tell which documents differ',
  });

/** What a person hands to `verifyDatabases`; the rest has defaults. */
export type VerifyDatabasesInput = z.input<typeof verifyDatabasesSchema>;

/** The input with every default filled in. */
export type VerifyDatabasesConfig = z.output<typeof verifyDatabasesSchema> & { sampleSize: number };

/** Checks the argument of `verifyDatabases`. */
export function parseVerifyDatabases(input: unknown): Parsed<VerifyDatabasesConfig> {
  const parsed = parse(verifyDatabasesSchema, input, 'verifyDatabases');
  if (!parsed.ok) return parsed;
  return { ok: true, value: { ...parsed.value, sampleSize: parsed.value.sampleSize ?? DEFAULT_SAMPLE } };
}
