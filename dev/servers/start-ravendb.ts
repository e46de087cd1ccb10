import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { locateRavenDb, type RavenDbChoice } from './locate-ravendb.ts';
import { onFreePorts } from './ports.ts';
import { noteFor } from './progress.ts';
import { untilReady } from './ready.ts';
import { type Launch, supervise } from './supervised.ts';
import { RAVENDB_RELEASES, RAVENDB_VERSION } from './versions.ts';

/** A RavenDB server that this process started; it stops with this process. */
export type EmbeddedRavenDb = {
  /** For clients, such as `http://127.0.0.1:40001`. */
  url: string;
  studioUrl: string;
  dataDirectory: string;
  /** Process id of the server. */
  pid: number;
  /** Kills the server, like a crash. */
  kill(): Promise<void>;
  /** Stops the server, and kills it if that takes longer than 5 s. */
  stop(): Promise<void>;
};

/** How to start RavenDB. Every option has a default. */
export type RavenDbOptions = RavenDbChoice & {
  /** HTTP port on 127.0.0.1; default: a free one. */
  port?: number | undefined;
  /**
   * Keeps the databases across restarts, which also need the same `port`, because sharded databases remember the URL.
   * Default: a temporary directory, removed when the server stops.
   */
  dataDirectory?: string | undefined;
  /** More settings of the server, by RavenDB's keys. */
  settings?: Readonly<Record<string, string>> | undefined;
};

/**
 * Starts an unsecured RavenDB on 127.0.0.1, fetches it first if necessary, and waits until it answers. Accepts RavenDB's
 * EULA on the user's behalf and says so. The server gets a license from the environment (`RAVEN_License`,
 * `RAVEN_License_Path`). Throws `ServerNotFound`, or an error with the last lines of the server's log.
 */
export async function startRavenDb(options: RavenDbOptions = {}): Promise<EmbeddedRavenDb> {
  const launch = await locateRavenDb(options);
  return await onFreePorts([options.port, undefined], ([port, tcpPort]) =>
    startOn({ port, tcpPort }, launch, options),
  );
}

async function startOn(
  { port, tcpPort }: { port: number | undefined; tcpPort: number | undefined },
  launch: Launch,
  options: RavenDbOptions,
): Promise<EmbeddedRavenDb> {
  const note = noteFor('ravendb', options.onProgress);
  const scratch = options.dataDirectory
    ? undefined
    : await mkdtemp(path.join(tmpdir(), 'shardlift-ravendb-'));
  const dataDirectory = path.resolve(options.dataDirectory ?? scratch ?? '');
  await mkdir(dataDirectory, { recursive: true });
  const url = `http://127.0.0.1:${port}`;

  note('starting RavenDB; this accepts its EULA (https://ravendb.net/legal) on your behalf');
  const server = await supervise(
    {
      ...launch,
      args: [
        ...launch.args,
        '--non-interactive',
        `--ServerUrl=${url}`,
        `--ServerUrl.Tcp=tcp://127.0.0.1:${tcpPort}`,
        '--Setup.Mode=None',
        '--License.Eula.Accepted=true',
        '--Security.UnsecuredAccessAllowed=Local',
        `--DataDir=${dataDirectory}`,
        `--Logs.Path=${path.join(dataDirectory, 'logs')}`,
        RAVENDB_RELEASES[options.version ?? RAVENDB_VERSION].logs,
        ...Object.entries(options.settings ?? {}).map(([key, value]) => `--${key}=${value}`),
      ],
      // The server's garbage collector would use a heap for each core, too much for a laptop. An import of
      // attachments leaves temporary files: beside the data they are removed with it.
      env: { ...launch.env, DOTNET_gcServer: '0', TMPDIR: dataDirectory },
    },
    path.join(dataDirectory, 'server.log'),
    scratch,
  );
  await untilReady('RavenDB', server, () => buildVersion(url), options.signal);
  note(`RavenDB is ready at ${url}`);
  const { pid, kill, stop } = server;
  return { url, studioUrl: `${url}/studio/index.html`, dataDirectory, pid, kill, stop };
}

async function buildVersion(url: string): Promise<void> {
  const response = await fetch(`${url}/build/version`, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  await response.body?.cancel();
}
