/** The servers of the demo: those that the environment names; the others are started. */
import {
  type EmbeddedServers,
  serverTitles,
  startRavenDb,
  startServers,
  startTemporal,
} from '../servers/index.ts';

/** Where the servers are, and how to stop those that were started. */
export interface DemoServers {
  /** Absent if the Temporal of the environment is used. */
  temporal?: { address: string; uiUrl: string };
  ravendb: { url: string; studioUrl: string; isOurs: boolean };
  stop(): Promise<void>;
}

/** Starts what neither `TEMPORAL_ADDRESS` nor `SHARDLIFT_RAVENDB_URL` names. */
export async function startDemoServers(
  env: NodeJS.ProcessEnv,
  options: { signal: AbortSignal; say: (line: string) => void },
): Promise<DemoServers> {
  const { signal, say } = options;
  const { temporal, ravendb, stop } = await start(env, {
    signal,
    onProgress: ({ server, message }) => say(`${serverTitles[server]}: ${message}`),
  });
  const url = env.SHARDLIFT_RAVENDB_URL?.replace(/\/+$/, '') ?? '';
  const given = { url, studioUrl: `${url}/studio/index.html`, isOurs: false };
  return {
    ...(temporal && { temporal }),
    ravendb: ravendb ? { ...ravendb, isOurs: true } : given,
    stop,
  };
}

type Start = Partial<EmbeddedServers> & Pick<EmbeddedServers, 'stop'>;

async function start(
  { TEMPORAL_ADDRESS, SHARDLIFT_RAVENDB_URL }: NodeJS.ProcessEnv,
  options: Parameters<typeof startTemporal>[0] & Parameters<typeof startRavenDb>[0],
): Promise<Start> {
  if (TEMPORAL_ADDRESS && SHARDLIFT_RAVENDB_URL) return { stop: async () => undefined };
  if (TEMPORAL_ADDRESS) {
    const ravendb = await startRavenDb(options);
    return { ravendb, stop: ravendb.stop };
  }
  if (SHARDLIFT_RAVENDB_URL) {
    const temporal = await startTemporal(options);
    return { temporal, stop: temporal.stop };
  }
  return await startServers(options);
}
