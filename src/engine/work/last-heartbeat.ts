import { z } from 'zod';
import type { Difference, DifferenceKind } from '../../core/compare/verification.ts';
import type { ItemName } from '../../core/copy/refused.ts';
import type { Work } from './work.ts';

/**
 * What the attempt before this one has left in its heartbeat. Undefined when it left nothing, or what another version of the
 * worker wrote in another form: then the work begins anew, or where its input says.
 */
export function lastHeartbeat<T>({ lastHeartbeat: left }: Work, schema: z.ZodType<T>): T | undefined {
  const read = schema.safeParse(left);
  return read.success ? read.data : undefined;
}

/** The name of an item in a heartbeat. */
export const itemNameSchema: z.ZodType<ItemName> = z.object({
  kind: z.custom<ItemName['kind']>((kind) => typeof kind === 'string'),
  id: z.string(),
});

/** A difference in a heartbeat. */
export const differenceSchema: z.ZodType<Difference> = z.object({
  kind: z.custom<DifferenceKind>((kind) => typeof kind === 'string'),
  id: z.string(),
  what: z.string(),
  shard: z.exactOptional(z.number()),
  etag: z.exactOptional(z.number()),
});
