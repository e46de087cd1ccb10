/** Activities and their parts without a workflow, on a source and a target of the test's own. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { type Activities, createActivities } from '../../../src/activities/index.ts';
import { type Config, loadConfig } from '../../../src/config/config.ts';
import {
  type MigrateDatabaseConfig,
  type Pair,
  parseMigrateDatabase,
} from '../../../src/core/contract/contract.ts';
import { needsDocuments } from '../../../src/core/copy/pieces.ts';
import type { Position } from '../../../src/core/copy/position.ts';
import { splitDocument } from '../../../src/core/digest/document-digest.ts';
import { applyDelta } from '../../../src/engine/catch-up/delta-round.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import { Connections } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import {
  createShardedDatabase,
  databaseRecord,
  deleteDatabase,
} from '../../../src/ravendb/requests/databases.ts';
import { documentLines } from '../../../src/ravendb/requests/documents.ts';
import { createDatabase } from '../data/databases.ts';
import { Stack, until } from '../servers/stack.ts';

type Outcome<Name extends keyof Activities> = Awaited<ReturnType<Activities[Name]>>;

/** A source, a target, and the activities of a worker that nobody cancels. */
export class ActivityBench {
  readonly stack: Stack;
  source = '';
  target = '';
  readonly #config: Config;
  readonly #connections: Connections;
  readonly #activities: Activities;

  private constructor(stack: Stack) {
    this.stack = stack;
    const config = loadConfig(stack.environment());
    this.#connections = new Connections(config.connections, config.tuning.connection);
    this.#config = config;
    this.#activities = createActivities({ config, connections: this.#connections });
  }

  static async open(): Promise<ActivityBench> {
    return new ActivityBench(await Stack.open());
  }

  /** Takes new names, and makes the source; the target only when it is asked for. */
  async databases({ withTarget }: { withTarget: boolean }): Promise<void> {
    // an unlicensed server allows a few analyzers in all its databases together
    for (const name of [this.source, this.target].filter(Boolean)) {
      const database = new Database(this.stack.raven, name);
      // RavenDB fails it, too, when it cannot start another database meanwhile
      await until(`${name} is deleted`, () =>
        deleteDatabase(database).then(
          () => true,
          () => false,
        ),
      );
    }
    this.source = this.stack.databaseName('source');
    this.target = this.stack.databaseName('target');
    await createDatabase(this.stack.raven, this.source);
    if (withTarget)
      await createShardedDatabase(new Database(this.stack.raven, this.target), {
        shards: 3,
        replicationFactor: 1,
      });
  }

  /** What a function of the engine works with. */
  get work(): Work {
    const { signal } = new AbortController();
    const work: Partial<Work> = {
      config: this.#config,
      tuning: this.#config.tuning,
      database: (ref) => new Database(this.#connections.get(ref.connection), ref.database),
      signal,
    };
    return work as Work;
  }

  /** Source and target. */
  get both(): Pair<Database> {
    const { raven } = this.stack;
    return { source: new Database(raven, this.source), target: new Database(raven, this.target) };
  }

  /**
   * Runs an activity.
   * @param lastHeartbeat what an earlier try said of itself
   */
  async call<Name extends keyof Activities>(
    name: Name,
    input: Parameters<Activities[Name]>[0],
    lastHeartbeat?: unknown,
  ): Promise<Outcome<Name>> {
    const info = lastHeartbeat === undefined ? {} : { heartbeatDetails: lastHeartbeat };
    const environment = new MockActivityEnvironment(info, { client: this.stack.client });
    const activity = this.#activities[name] as unknown as (input: unknown) => Promise<unknown>;
    const argument: unknown = input;
    const outcome: unknown = await environment.run(activity, argument);
    return outcome as Outcome<Name>;
  }

  /** The whole first copy, piece after piece, as the workflow has it done. */
  async copyAll(from: Position): Promise<void> {
    const transfer = { ...this.input(), from };
    const { stages } = await this.call('planCopy', transfer);
    for (const stage of stages) {
      // not by catchUp, which asks for the index that keeps tombstones: a bench holds none
      if (needsDocuments(stage)) await applyDelta(this.work, transfer);
      for (const piece of stage) await this.call('copyPiece', { ...transfer, piece, number: 0 });
    }
    await this.call('copyClusterItems', transfer);
  }

  /** The input of a migration from the source into the target. */
  input(fields: { allowExistingData?: boolean } = {}): MigrateDatabaseConfig {
    const input = parseMigrateDatabase({
      source: { connection: 'local', database: this.source },
      target: { connection: 'local', database: this.target, shards: 3, ...fields },
    });
    if (!input.ok) throw new Error(input.problem);
    return input.value;
  }

  /** Sends a request to the source, or to another database. */
  async send<T>(method: string, path: string, json?: unknown, database = this.source): Promise<T> {
    return await new Database(this.stack.raven, database).json<T>({
      doing: `${method} ${path}`,
      method,
      path,
      ...(json !== undefined && { json }),
    });
  }

  async record(database: string): Promise<Record<string, unknown>> {
    return (await databaseRecord(new Database(this.stack.raven, database))) ?? {};
  }

  /** Ids of the documents and revisions of a database that is not sharded. */
  async allIds(database: string): Promise<string[]> {
    const found = new Set<string>();
    for await (const lines of documentLines(new Database(this.stack.raven, database))) {
      for (const line of lines) found.add(splitDocument(line).metadata['@id']);
    }
    const path = 'debug/documents/get-revisions?start=0&pageSize=100000';
    const { Revisions } = await this.send<{ Revisions: { Id: string }[] }>('GET', path, undefined, database);
    for (const { Id } of Revisions) found.add(Id);
    return [...found];
  }

  /** Locks or unlocks a database; one that is locked cannot be deleted. */
  async lock(database: string, Mode: string): Promise<void> {
    const json = { DatabaseNames: [database], Mode };
    const path = '/admin/databases/set-lock';
    await this.stack.raven.http.json({ doing: 'Locking', method: 'POST', path, json });
  }

  async close(): Promise<void> {
    this.#connections.close();
    await this.stack.close();
  }
}
