/** The public contract of `removeLeftovers`. */
import { z } from 'zod';
import { type Parsed, parse, sourceSchema } from './schemas.ts';

/** The one argument of `removeLeftovers`. */
const removeLeftoversSchema = z
  .strictObject({
    /** A database that was migrated from. */
    source: sourceSchema.nullable().default(null),
    /** A database that was migrated into. */
    target: sourceSchema.nullable().default(null),
    /** Whether to remove what is found, and not only list it. */
    remove: z.boolean().default(false),
  })
  .refine(({ source, target }) => source !== null || target !== null, {
    path: ['source'],
    error: 'or target is missing: name one of them, or both',
  });

/** Input of `removeLeftovers`; omitted fields get defaults. */
export type RemoveLeftoversInput = z.input<typeof removeLeftoversSchema>;

/** The input with every default filled in. */
export type RemoveLeftoversConfig = z.output<typeof removeLeftoversSchema>;

/** Checks the argument of `removeLeftovers`. */
export function parseRemoveLeftovers(input: unknown): Parsed<RemoveLeftoversConfig> {
  return parse(removeLeftoversSchema, input, 'removeLeftovers');
}
