/** What an end-to-end test works with: real servers, a worker process of its own, and names of its own. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { inject } from 'vitest';
import type {
  MigrateDatabaseConfig,
  MigrateDatabaseInput,
  workflowTypes,
} from '../../../src/core/contract/contract.ts';
import { isFinal, type Phase } from '../../../src/core/contract/phases.ts';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import type { RunReport } from '../../../src/core/run/report.ts';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { deleteDatabases } from '../data/databases.ts';
import { asPublished } from '../report-flaws.ts';
import { until } from './until.ts';
import { startWorkerProcess, type WorkerProcess, workerEnvironment } from './worker-process.ts';

export { until } from './until.ts';
export type { WorkerProcess } from './worker-process.ts';

/** Where the servers of a stack are; those of the global set-up unless a test brings its own. */
export interface Addresses {
  temporalAddress: string;
  ravendbUrl: string;
}

/** Everything of one test file; close it at the end. */
export class Stack {
  readonly addresses: Addresses;
  readonly raven: RavenConnection;
  readonly client: Client;
  readonly directory: string;
  #workerDirectory: string;
  taskQueue = `test-${randomUUID()}`;
  /** URL under which the worker knows RavenDB; a test may put something between. */
  ravendbUrlForWorker: string;
  readonly #databases = new Set<string>();
  readonly #workers = new Set<WorkerProcess>();
  readonly #connection: Connection;

  private constructor(addresses: Addresses, connection: Connection, directory: string) {
    this.addresses = addresses;
    this.ravendbUrlForWorker = addresses.ravendbUrl;
    this.#connection = connection;
    this.client = new Client({ connection });
    this.raven = RavenConnection.open('test', { urls: [addresses.ravendbUrl] });
    this.directory = directory;
    this.#workerDirectory = directory;
  }

  static async open(addresses: Partial<Addresses> = {}): Promise<Stack> {
    const all = {
      temporalAddress: addresses.temporalAddress ?? inject('temporalAddress'),
      ravendbUrl: addresses.ravendbUrl ?? inject('ravendbUrl'),
    };
    const connection = await Connection.connect({ address: all.temporalAddress });
    return new Stack(all, connection, await mkdtemp(join(tmpdir(), 'shardlift-test-')));
  }

  /** Environment in which the worker, the command line and Temporal's CLI find this stack. */
  environment(): NodeJS.ProcessEnv {
    return workerEnvironment({
      temporalAddress: this.addresses.temporalAddress,
      ravendbUrl: this.ravendbUrlForWorker,
      taskQueue: this.taskQueue,
      directory: this.#workerDirectory,
      workflowBundle: inject('workflowBundle'),
    });
  }

  /** Leaves the work to the worker of all files: for tests that neither end it nor want it otherwise. */
  shareWorker(): void {
    const { taskQueue, directory } = inject('sharedWorker');
    this.taskQueue = taskQueue;
    this.#workerDirectory = directory;
  }

  /**
   * Starts a worker and waits until it polls.
   * @param env on top of this stack's environment
   */
  async startWorker(env: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> {
    const started = await startWorkerProcess({ ...this.environment(), ...env }, this.directory);
    const ending =
      <T>(end: () => Promise<T>) =>
      async () => {
        const result = await end();
        this.#workers.delete(worker);
        return result;
      };
    const worker: WorkerProcess = { ...started, kill: ending(started.kill), stop: ending(started.stop) };
    this.#workers.add(worker);
    return worker;
  }

  /** A database name that no other test has; deleted at the end, and so is what a migration makes of it. */
  databaseName(prefix: string): string {
    const name = `${prefix}-${randomUUID().slice(0, 8)}`;
    this.#databases.add(name);
    return name;
  }

  /** Starts `migrateDatabase` from one database of this server to another one. */
  async migrate(
    source: string,
    options: {
      target?: string;
      input?: Partial<MigrateDatabaseInput>;
      workflowId?: string;
      endsWithinMs?: number;
    } = {},
  ): Promise<Migration> {
    const target = options.target ?? this.databaseName('target');
    const input = {
      source: { connection: 'local', database: source },
      target: { connection: 'local', database: target, shards: 2 },
      // most tests are not about the cutover, and use their source after it
      freeze: 'quiet' as const,
      quietFor: '500ms',
      ...options.input,
    };
    return await this.start(input, options.workflowId, 'migrateDatabase', options.endsWithinMs);
  }

  /**
   * Starts `migrateDatabase`, or another type, with any argument.
   * @param endsWithinMs after which Temporal ends it; never unless told
   */
  async start(
    input: unknown,
    workflowId = `migrate-${randomUUID()}`,
    type: keyof typeof workflowTypes = 'migrateDatabase',
    endsWithinMs?: number,
  ): Promise<Migration> {
    const handle = await this.client.workflow.start(type, {
      taskQueue: this.taskQueue,
      workflowId,
      args: [input],
      ...(endsWithinMs !== undefined && { workflowExecutionTimeout: endsWithinMs }),
    });
    return new Migration(handle);
  }

  async report(workflowId: string): Promise<RunReport<MigrateDatabaseConfig>> {
    const path = join(this.#workerDirectory, 'reports', workflowId, 'report.json');
    return asPublished(JSON.parse(await readFile(path, 'utf8')));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.kill()));
    // the server is thrown away; but an unlicensed one allows few custom analyzers in all its databases together
    await deleteDatabases(this.raven, [...this.#databases], inject('ravendbDirectory')).catch(
      () => undefined,
    );
    this.raven.close();
    await this.#connection.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A started migration. */
export class Migration {
  readonly handle: WorkflowHandle;

  constructor(handle: WorkflowHandle) {
    this.handle = handle;
  }

  get id(): string {
    return this.handle.workflowId;
  }

  async progress(): Promise<RunProgress> {
    return await this.handle.query<RunProgress>('progress');
  }

  /** The page that Temporal's UI and `temporal workflow metadata` show. */
  async page(): Promise<string> {
    const metadata = await this.handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    return metadata.currentDetails;
  }

  /** The report so far. */
  async report(): Promise<RunReport<MigrateDatabaseConfig>> {
    return asPublished(await this.handle.query<RunReport<MigrateDatabaseConfig>>('report'));
  }

  /** Waits until the migration is in a phase; fails when it ends in another one first. */
  async reaches(...phases: Phase[]): Promise<RunProgress> {
    let seen: RunProgress | undefined;
    const told = () => `${seen?.phase}, ${seen?.attention}`;
    const isThere = async () => {
      seen = await this.progress().catch(() => undefined);
      if (seen && phases.includes(seen.phase)) return true;
      // a run that was over at once answers no query, and one that Temporal has ended does not know that
      const { status } = await this.handle.describe();
      const hasEnded =
        status.name === 'TIMED_OUT' || (seen ? isFinal(seen.phase) : status.name !== 'RUNNING');
      if (hasEnded) throw new Error(`it has ended, ${told()}`);
      return false;
    };
    await until(`the migration is ${phases.join(' or ')}`, isThere, undefined, told);
    return seen as RunProgress;
  }

  async approve(by = 'ann', note = 'looks good'): Promise<void> {
    await this.handle.executeUpdate('approveCutover', { args: [{ by, note }] });
  }

  /** Approves a cutover that was undone; nothing where the first approval holds yet, or the freeze begins just now. */
  async approveAgain(): Promise<void> {
    await this.approve().catch((error) => {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    });
  }

  /** Why the migration failed. */
  async failure(): Promise<{ type: string; message: string }> {
    try {
      await this.handle.result();
    } catch (error) {
      const { cause } = error as { cause?: { type?: string; message: string } };
      return { type: cause?.type ?? '', message: cause?.message ?? String(error) };
    }
    throw new Error('the migration completed');
  }
}
