import ms, { type StringValue } from 'ms';

/** Milliseconds of a duration such as `"500ms"`, `"30s"` or `"10m"`; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  return /^\d.*[a-z]/i.test(text) ? ms(text as StringValue) : undefined;
}

/** Milliseconds of a duration that was checked before; throws a RangeError when it was not. */
export function durationMs(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new RangeError(`not a duration: ${JSON.stringify(text)}`);
  return value;
}
