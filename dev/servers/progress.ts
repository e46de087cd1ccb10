/** Which server a message or an error is about. */
export type ServerName = keyof typeof serverTitles;

/** What messages call each server. */
export const serverTitles = {
  temporal: 'Temporal',
  ravendb: 'RavenDB',
  'time-skipping': 'time-skipping Temporal',
} as const;

/** Receives messages while a server is found, fetched and started; long steps send one at least every 10 s. */
export type Progress = (event: { server: ServerName; message: string }) => void;

/** The longest time between two messages of a step. */
export const REPORT_INTERVAL_MS = 10_000;

/** A {@link Progress} bound to one server. */
export type Note = (message: string) => void;

/** Binds a progress callback to one server; without a callback messages are dropped. */
export function noteFor(server: ServerName, onProgress: Progress | undefined): Note {
  return (message) => onProgress?.({ server, message });
}

/** Whole seconds since `time`, milliseconds of `Date.now()`. */
export function secondsSince(time: number): number {
  return Math.round((Date.now() - time) / 1000);
}
