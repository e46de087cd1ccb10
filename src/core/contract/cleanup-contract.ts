/** The public contract of `removeLeftovers`. */
import { z } from 'zod';
import { type Parsed, parse, sourceSchema } from './schemas.ts';

/** The one argument of `removeLeftovers`. */
export const removeLeftoversSchema = z
  .strictObject({
    source: sourceSchema.nullable().default(null).describe('A database that was migrated from.'),
    target: sourceSchema.nullable().default(null).describe('A database that was migrated into.'),
    remove: z.boolean().default(false).describe('Removes what is found, and does not only list it.'),
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
