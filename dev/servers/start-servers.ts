import type { Progress } from './progress.ts';
import { type EmbeddedRavenDb, type RavenDbOptions, startRavenDb } from './start-ravendb.ts';
import { type EmbeddedTemporal, startTemporal, type TemporalOptions } from './start-temporal.ts';

/** Both servers, running. */
export type EmbeddedServers = {
  temporal: EmbeddedTemporal;
  ravendb: EmbeddedRavenDb;
  /** Stops both. */
  stop(): Promise<void>;
};

/** How to start both servers; see the options of each. */
export type ServersOptions = {
  temporal?: Omit<TemporalOptions, 'onProgress' | 'signal'>;
  ravendb?: Omit<RavenDbOptions, 'onProgress' | 'signal'>;
  onProgress?: Progress | undefined;
  signal?: AbortSignal | undefined;
};

/**
 * Starts Temporal and RavenDB in parallel, like {@link startTemporal} and {@link startRavenDb}. If one fails, stops the
 * other or the fetching of it, and throws the error of the first.
 */
export async function startServers(options: ServersOptions = {}): Promise<EmbeddedServers> {
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const common = { onProgress: options.onProgress, signal };
  const starts = [
    startTemporal({ ...options.temporal, ...common }),
    startRavenDb({ ...options.ravendb, ...common }),
  ] as const;
  try {
    const [temporal, ravendb] = await Promise.all(starts);
    const stop = async () => {
      await Promise.all([temporal.stop(), ravendb.stop()]);
    };
    return { temporal, ravendb, stop };
  } catch (error) {
    failed.abort(error);
    for (const start of await Promise.allSettled(starts)) {
      if (start.status === 'fulfilled') await start.value.stop();
    }
    throw error;
  }
}
