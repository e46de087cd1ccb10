/** Servers and a worker of one test file alone: it ends them as crashes do, and starts them again where they were. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EmbeddedRavenDb,
  type EmbeddedTemporal,
  startRavenDb,
  startTemporal,
} from '../../../dev/servers/index.ts';
import { restartRavenDb, restartTemporal } from './restart.ts';
import { Stack, type WorkerProcess } from './stack.ts';

export const VICTIMS = ['worker', 'Temporal', 'RavenDB'] as const;
export type Victim = (typeof VICTIMS)[number];

export class OwnServers {
  readonly stack: Stack;
  /** Its directory is where the servers keep their files. */
  readonly #place: Stack;
  #temporal: EmbeddedTemporal;
  #ravendb: EmbeddedRavenDb;
  #worker: WorkerProcess | undefined;

  private constructor(
    place: Stack,
    stack: Stack,
    servers: { temporal: EmbeddedTemporal; ravendb: EmbeddedRavenDb },
  ) {
    this.#place = place;
    this.stack = stack;
    this.#temporal = servers.temporal;
    this.#ravendb = servers.ravendb;
  }

  /** Starts everything but the worker. */
  static async open(): Promise<OwnServers> {
    // only a directory is wanted from this one
    const place = await Stack.open();
    const [temporal, ravendb] = await Promise.all([
      startTemporal({ dbFile: temporalFile(place) }),
      startRavenDb({ dataDirectory: join(place.directory, 'ravendb') }),
    ]);
    const stack = await Stack.open({ temporalAddress: temporal.address, ravendbUrl: ravendb.url });
    return new OwnServers(place, stack, { temporal, ravendb });
  }

  /** Where RavenDB keeps its databases. */
  get databaseDirectory(): string {
    return join(this.#ravendb.dataDirectory, 'Databases');
  }

  async startWorker(): Promise<void> {
    this.#worker = await this.stack.startWorker();
  }

  /** Ends one of them, and starts it again after a while. Comes back when it answers. */
  async killAndRestart(victim: Victim, outageMs = 0): Promise<void> {
    await this.#kill(victim);
    await sleep(outageMs);
    if (victim === 'worker') await this.startWorker();
    else if (victim === 'Temporal')
      this.#temporal = await restartTemporal(this.#temporal, temporalFile(this.#place));
    else this.#ravendb = await restartRavenDb(this.#ravendb);
  }

  /** Halts the worker in the middle of its work, until something has come to pass. */
  async haltWorker(whileIt: () => Promise<void>): Promise<void> {
    const child = this.#worker?.child;
    child?.kill('SIGSTOP');
    try {
      await whileIt();
    } finally {
      child?.kill('SIGCONT');
    }
  }

  async #kill(victim: Victim): Promise<void> {
    if (victim === 'worker') await this.#worker?.kill();
    else await (victim === 'Temporal' ? this.#temporal : this.#ravendb).kill();
  }

  async close(): Promise<void> {
    await this.stack.close();
    await Promise.all([this.#temporal.stop(), this.#ravendb.stop()]);
    await this.#place.close();
  }
}

function temporalFile({ directory }: Stack): string {
  return join(directory, 'temporal.db');
}
