/** Two servers of different versions, the older or newer one known to the worker as connection `old`. */
import { afterAll, beforeAll } from 'vitest';
import { startRavenDb } from '../../../dev/servers/index.ts';
import type { RavenDbVersion } from '../../../dev/servers/versions.ts';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Stack, type WorkerProcess } from './stack.ts';

/** From which version to which. */
export interface Versions {
  from: RavenDbVersion;
  into: RavenDbVersion;
}

/** Both servers, and what a test works with. */
export interface TwoVersions {
  /** Of the target. */
  stack: Stack;
  /** To the source. */
  old: RavenConnection;
  startWorker(): Promise<WorkerProcess>;
  close(): Promise<void>;
}

/** Starts both servers. */
async function openTwoVersions({ from, into }: Versions): Promise<TwoVersions> {
  const [source, target] = await Promise.all([
    startRavenDb({ version: from }),
    startRavenDb({ version: into }),
  ]);
  const stack = await Stack.open({ ravendbUrl: target.url });
  const old = RavenConnection.open('old', { urls: [source.url] });
  return {
    stack,
    old,
    startWorker: () => stack.startWorker({ SHARDLIFT_CONNECTION_OLD_URLS: source.url }),
    close: async () => {
      old.close();
      await stack.close();
      await Promise.all([source.stop(), target.stop()]);
    },
  };
}

/** Has both run for the tests of a block. @returns what to call in its tests and hooks */
export function twoVersions(versions: Versions): () => TwoVersions {
  let both: TwoVersions;
  beforeAll(async () => {
    both = await openTwoVersions(versions);
  });
  afterAll(() => both?.close());
  return () => both;
}
