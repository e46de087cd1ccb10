/** Numbers, times and shell words for people. */

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const threeDigits = new Intl.NumberFormat('en-US', {
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `1234567` as `1,234,567`. */
export function formatCount(value: number): string {
  return integer.format(value);
}

/** Bytes with a unit, to three digits: `1.23 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 rounds to 1000, which is the next unit's 1
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : threeDigits.format(value)} ${UNITS[unit]}`;
}

/** Seconds as `42 s`, `3 min 5 s` or `2 h 4 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Seconds for which somebody has waited: short ones in milliseconds, `850 ms`. */
export function formatOutage(seconds: number): string {
  return seconds < 10 ? `${formatCount(seconds * 1000)} ms` : formatSeconds(seconds);
}

/** Share of a whole in percent, rounded down so that 100% means all of it; undefined without a whole. */
export function percentOf(done: number, total: number | undefined): number | undefined {
  if (total === undefined || total <= 0) return undefined;
  return done === total ? 100 : Math.min(99, Math.floor((done / total) * 100));
}

/** A word as a POSIX shell reads it: quoted where it must be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A text with its first letter in upper case. */
export function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Names in quotation marks, one after another. */
export function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** The first of many names, and how many more there are. */
export function firstOf(names: readonly string[], most = 3): string {
  const more = names.length - most;
  return `${names.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** A time that RavenDB has written, in milliseconds since the epoch: it may leave out the zone, which is UTC. */
export function parseUtc(time: string): number {
  return Date.parse(/Z|[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`);
}
