/** Makes sure that the end of a stream is the end of the file. */
import { addAbortSignal, type Readable, Transform } from 'node:stream';

/** What a stream of bytes is held to. */
export interface Expectation {
  bytes: number;
  /** What it means that the source failed, or ended although bytes are missing (`error` undefined). */
  failure: (error: unknown, got: number) => Error;
  /** How long the source may be silent while its bytes are waited for. */
  silentMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** The source is looked at this often before it counts as silent. */
const LOOKS = 12;

/** The bytes of a source; the stream ends only when all have come, and else in the error of the expectation. */
export function whole(source: Readable, { bytes, failure, silentMs, signal }: Expectation): Readable {
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
  // who has been given the stream may not read it yet: the error waits for him, and must not end the process
  checked.on('error', () => undefined);
  // not `pipeline`: it would end the source's error in an abort without the reason
  source.once('error', (error) => checked.destroy(failure(error, got)));
  source.once('close', () => {
    if (!source.readableEnded) checked.destroy(failure(undefined, got));
  });
  if (silentMs !== undefined) watch(checked, () => got, silentMs, failure);
  if (signal) addAbortSignal(signal, checked);
  return source.pipe(checked);
}

/** Ends a stream whose source says nothing any more. Time in which its reader holds it back does not count. */
function watch(
  checked: Transform,
  got: () => number,
  silentMs: number,
  failure: Expectation['failure'],
): void {
  let seen = -1;
  // counted in looks and not by the clock: a worker that was itself suspended must not blame the source
  let silent = 0;
  const timer = setInterval(() => {
    if (got() !== seen || checked.writableNeedDrain || checked.writableEnded) silent = 0;
    else silent++;
    seen = got();
    if (silent >= LOOKS) checked.destroy(failure(undefined, seen));
  }, silentMs / LOOKS);
  timer.unref();
  checked.once('close', () => clearInterval(timer));
}
