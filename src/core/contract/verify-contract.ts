/** The public contract of `verifyDatabases`. */
import { z } from 'zod';
import { ELSEWHERE, isElsewhere, itemsPerSecond, type Parsed, parse, sourceSchema } from './schemas.ts';

/** How much is compared: only counts, a random sample of documents with everything that belongs to them, or all content. */
export const depths = ['counts', 'sample', 'full'] as const;

const DEFAULT_SAMPLE = 1_000;
/** Reading more documents one by one is slower than reading everything. */
const LARGEST_SAMPLE = 100_000;

/** The one argument of `verifyDatabases`. */
const verifyDatabasesSchema = z
  .strictObject({
    source: sourceSchema,
    target: sourceSchema,
    depth: z.enum(depths).default('full'),
    /** How many documents of each side are sampled. */
    sampleSize: z.int().min(1).max(LARGEST_SAMPLE).optional(),
    /** Whether the target may contain items that the source does not have. */
    allowExtra: z.boolean().default(false),
    maxItemsPerSecond: itemsPerSecond.nullable().default(null),
    /** Whether the run waits so that somebody can have differing items copied again. */
    repair: z.enum(['no', 'ask']).default('no'),
  })
  .refine(isElsewhere, ELSEWHERE)
  .refine(({ depth, sampleSize }) => depth === 'sample' || sampleSize === undefined, {
    path: ['sampleSize'],
    error: 'is only for depth "sample"',
  })
  .refine(({ depth, maxItemsPerSecond }) => depth === 'full' || maxItemsPerSecond === null, {
    path: ['maxItemsPerSecond'],
    error: 'is only for depth "full"; the others read little',
  })
  .refine(({ depth, repair }) => depth !== 'counts' || repair === 'no', {
    path: ['repair'],
    error: 'needs depth "full" or "sample": counts do not show which documents differ',
  });

/** Input of `verifyDatabases`; omitted fields get defaults. */
export type VerifyDatabasesInput = z.input<typeof verifyDatabasesSchema>;

/** The input with every default filled in. */
export type VerifyDatabasesConfig = z.output<typeof verifyDatabasesSchema> & { sampleSize: number };

/** Checks the argument of `verifyDatabases`. */
export function parseVerifyDatabases(input: unknown): Parsed<VerifyDatabasesConfig> {
  const parsed = parse(verifyDatabasesSchema, input, 'verifyDatabases');
  if (!parsed.ok) return parsed;
  return { ok: true, value: { ...parsed.value, sampleSize: parsed.value.sampleSize ?? DEFAULT_SAMPLE } };
}
