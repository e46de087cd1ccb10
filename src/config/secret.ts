/** What of a configuration is never shown. */
import type { z } from 'zod';

const hiding = new WeakMap<z.ZodType, (value: never) => unknown>();

/**
 * Marks a part of a schema whose values are not to be shown.
 * @param show what may be shown in place of a value
 */
export function secret<T extends z.ZodType>(
  part: T,
  show: (value: z.output<T>) => unknown = () => '(set)',
): T {
  hiding.set(part, show);
  return part;
}

/** A value of a part of a schema as it may be shown. */
export function shown(part: z.ZodType, value: unknown): unknown {
  const show = hiding.get(part);
  return show ? show(value as never) : value;
}
