/** The public contract of `verifyDatabases`. */
import { z } from 'zod';
import { ELSEWHERE, isElsewhere, type Parsed, parse, sourceSchema, speedLimit } from './schemas.ts';

/** How much is compared: only counts, a random sample of documents with everything that belongs to them, or all content. */
export const depths = ['counts', 'sample', 'full'] as const;

const DEFAULT_SAMPLE = 1_000;
/** Reading more documents one by one is slower than reading everything. */
const LARGEST_SAMPLE = 100_000;

/** The one argument of `verifyDatabases`. */
export const verifyDatabasesSchema = z
  .strictObject({
    source: sourceSchema.describe('One database, sharded or not: the side that is right where they differ.'),
    target: sourceSchema.describe('The other database.'),
    depth: z
      .enum(depths)
      .default('full')
      .describe('How much is compared: numbers alone, some documents drawn at random, or every item.'),
    sampleSize: z
      .int()
      .min(1)
      .max(LARGEST_SAMPLE)
      .optional()
      .describe(
        `For \`"sample"\`: how many documents of each side are drawn; ${DEFAULT_SAMPLE} if left out.`,
      ),
    allowExtra: z.boolean().default(false).describe('The target may hold what the source does not have.'),
    maxItemsPerSecond: speedLimit,
    repair: z
      .enum(['no', 'ask'])
      .default('no')
      .describe('`"ask"`: where they differ, the run waits for the request `repair` or `abort`.'),
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
