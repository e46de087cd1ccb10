import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  locateRavenDb,
  locateTemporal,
  startRavenDb,
  startServers,
  startTemporal,
} from '../../../dev/servers/index.ts';

/** The first run on a machine fetches the servers. */
const FETCH_TIMEOUT_MS = 15 * 60_000;
const TEST_TIMEOUT_MS = 120_000;
const GONE_TIMEOUT_MS = 20_000;

const START_SERVERS = fileURLToPath(new URL('../../dev/servers/processes/start-servers.ts', import.meta.url));

/** Whatever a test leaves running. */
let running: { kill(): Promise<void> }[];
let directory: string;

beforeAll(async () => {
  await Promise.all([locateTemporal(), locateRavenDb()]);
}, FETCH_TIMEOUT_MS);

beforeEach(async () => {
  running = [];
  directory = await mkdtemp(path.join(tmpdir(), 'shardlift-e2e-servers-'));
});

afterEach(async () => {
  await Promise.all(running.map((server) => server.kill()));
  await rm(directory, { recursive: true, force: true });
});

async function kept<T extends { kill(): Promise<void> }>(start: Promise<T>): Promise<T> {
  const server = await start;
  running.push(server);
  return server;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('embedded servers', { timeout: TEST_TIMEOUT_MS }, () => {
  test('both start side by side, serve their web pages, and leave nothing behind when stopped', async () => {
    const messages: string[] = [];
    const servers = await startServers({ onProgress: (event) => messages.push(event.message) });
    running.push(servers.temporal, servers.ravendb);
    expect(messages.join('\n')).toContain('accepts its EULA');
    expect((await fetch(servers.temporal.uiUrl)).status).toBe(200);
    expect((await fetch(servers.ravendb.studioUrl)).status).toBe(200);
    await servers.stop();
    expect(runs(servers.temporal.pid)).toBe(false);
    expect(runs(servers.ravendb.pid)).toBe(false);
    expect(existsSync(servers.ravendb.dataDirectory)).toBe(false);
  });

  test('both die with a process that gets kill -9, and its temporary data goes too', async () => {
    const starter = spawn(process.execPath, [START_SERVERS], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(starter.stdout, 'data');
    const { pids, dataDirectory } = JSON.parse(String(line)) as { pids: number[]; dataDirectory: string };
    expect(pids.map(runs)).toEqual([true, true]);
    starter.kill('SIGKILL');
    await vi.waitFor(() => {
      expect(pids.map(runs)).toEqual([false, false]);
      expect(existsSync(dataDirectory)).toBe(false);
    }, GONE_TIMEOUT_MS);
  });

  test('Temporal keeps workflows across kill and restart', async () => {
    const dbFile = path.join(directory, 'state/temporal.db');
    const first = await kept(startTemporal({ dbFile }));
    await withClient(first.address, (client) =>
      client.workflow.start('nobodyRunsThis', { workflowId: 'kept', taskQueue: 'nobody' }),
    );
    await first.kill();
    expect(runs(first.pid)).toBe(false);

    const port = Number(first.address.split(':')[1]);
    const second = await kept(startTemporal({ dbFile, port }));
    expect(second.address).toBe(first.address);
    expect(second.pid).not.toBe(first.pid);
    const kind = await withClient(
      second.address,
      async (client) => (await client.workflow.getHandle('kept').describe()).status.name,
    );
    expect(kind).toBe('RUNNING');
  });

  test('when one cannot start the other is stopped, and the error has what the server said', async () => {
    const taken = await kept(startRavenDb());
    let temporalAddress = '';
    const start = startServers({
      ravendb: { dataDirectory: taken.dataDirectory },
      onProgress: ({ message }) => {
        temporalAddress ||= /Temporal is ready at (.+)/.exec(message)?.[1] ?? '';
      },
    });
    await expect(start).rejects.toThrow(/RavenDB .+ The last lines of its log:\n.*lock/is);
    expect(temporalAddress).not.toBe('');
    await expect(Connection.connect({ address: temporalAddress, connectTimeout: 1_000 })).rejects.toThrow();
  });

  test('a port that is in use is refused', async () => {
    const taken = await kept(startTemporal());
    const port = Number(taken.address.split(':')[1]);
    await expect(startRavenDb({ port })).rejects.toThrow(`port ${port} of 127.0.0.1 is in use`);
  });
});
