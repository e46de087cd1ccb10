/** Streams that end only where their file ends. */
import { addAbortSignal, type Readable, Transform } from 'node:stream';

/** What a stream must deliver. */
export interface Expectation {
  bytes: number;
  /** The error of the stream when its source fails, or ends although bytes are missing (`error` undefined). */
  failure: (error: unknown, got: number) => Error;
  /** How long the source may stay silent while somebody waits for its bytes. */
  silentMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** The source is checked this often before it counts as silent. */
const CHECKS = 12;

/** The bytes of a source. The stream ends only when all have come; otherwise it fails with the expectation's error. */
export function completeStream(
  source: Readable,
  { bytes, failure, silentMs, signal }: Expectation,
): Readable {
  let got = 0;
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      got += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      done(got === bytes ? null : failure(undefined, got));
    },
    destroy(error, done) {
      source.destroy();
      done(error);
    },
  });
  // nobody may be reading yet: the stream keeps its error for the reader, and it must not end the process
  checked.on('error', () => undefined);
  // not `pipeline`: it turns an error of the source into an abort that does not say why
  source.once('error', (error) => checked.destroy(failure(error, got)));
  source.once('close', () => {
    if (!source.readableEnded) checked.destroy(failure(undefined, got));
  });
  if (silentMs !== undefined) watch(checked, () => got, silentMs, failure);
  if (signal) addAbortSignal(signal, checked);
  return source.pipe(checked);
}

/** Fails a stream whose source has gone silent. Time in which the reader holds it back does not count. */
function watch(
  checked: Transform,
  got: () => number,
  silentMs: number,
  failure: Expectation['failure'],
): void {
  let seen = -1;
  // counted in checks, not by the clock: a worker that was suspended itself must not blame the source
  let silent = 0;
  const timer = setInterval(() => {
    if (got() !== seen || checked.writableNeedDrain || checked.writableEnded) silent = 0;
    else silent++;
    seen = got();
    if (silent >= CHECKS) checked.destroy(failure(undefined, seen));
  }, silentMs / CHECKS);
  timer.unref();
  checked.once('close', () => clearInterval(timer));
}
