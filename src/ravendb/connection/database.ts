/** The handle for one database: what every request to a database takes. */
import type { IncomingMessage } from 'node:http';
import type { RavenConnection } from './connection.ts';
import type { ErrorContext } from './errors.ts';
import type { RavenHttp, RavenRequest } from './http.ts';

/** A request to a database. Its `path` begins inside the database: `stats`, `docs?id=a`. */
export type DatabaseRequest = Omit<RavenRequest, 'database'>;

/** A database on a connection, or one shard under the name by which it answers alone. It need not exist. */
export class Database {
  readonly connection: RavenConnection;
  readonly name: string;

  constructor(connection: RavenConnection, name: string) {
    this.connection = connection;
    this.name = name;
  }

  get http(): RavenHttp {
    return this.connection.http;
  }

  /** What an error says about where it happened. */
  get where(): Required<ErrorContext> {
    return { connection: this.connection.name, database: this.name };
  }

  /** The whole path of a request, for `http`. */
  path(rest: string): string {
    return `/databases/${encodeURIComponent(this.name)}/${rest}`;
  }

  /** A shard of this database, which RavenDB knows as `name$0`. */
  shard(number: number): Database {
    return new Database(this.connection, `${this.name}$${number}`);
  }

  /** The same database, whose requests also end when this signal is aborted. */
  within(signal: AbortSignal): Database {
    return new Database(this.connection.within(signal), this.name);
  }

  /** Sends a request and reads its answer; see `RavenHttp.json`. @throws RavenError, or the reason of the abort */
  async json<T>(request: Omit<DatabaseRequest, 'body'> & { json?: unknown }): Promise<T> {
    return await this.http.json<T>({ ...request, ...this.#address(request) });
  }

  /** Sends a request and leaves its answer's body to the caller; see `RavenHttp.open`. @throws as above */
  async open(request: DatabaseRequest): Promise<IncomingMessage> {
    return await this.http.open({ ...request, ...this.#address(request) });
  }

  /** Sends a request and gives the answer whatever its status; see `RavenHttp.ask`. @throws as above */
  async ask(request: DatabaseRequest): Promise<IncomingMessage> {
    return await this.http.ask({ ...request, ...this.#address(request) });
  }

  /** The bytes of an answer as they arrive. @throws as above, when they break off */
  async *bytes(doing: string, answer: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* answer;
    } catch (error) {
      throw this.http.explain({ doing, database: this.name }, error);
    }
  }

  #address({ path }: { path: string }): { database: string; path: string } {
    return { database: this.name, path: this.path(path) };
  }
}
