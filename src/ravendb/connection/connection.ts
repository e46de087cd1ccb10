/** Named connections: the only way to a RavenDB server. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { createSecureContext } from 'node:tls';
import { DocumentStore } from 'ravendb';
import type { ConnectionSettings } from '../../config/config.ts';
import { defaultTuning, type Tuning } from '../../core/contract/tuning.ts';
import { RavenError, toRavenError } from './errors.ts';
import { RavenHttp, RavenNodes, type TlsMaterial, type Use } from './http.ts';
import { ServerRoutes } from './routes.ts';

/** A connection: raw requests and RavenDB's client, over the same node and certificate, which `within` shares
 * like what is known of the server. */
export class RavenConnection {
  readonly name: string;
  readonly http: RavenHttp;
  /** Addresses at which other RavenDB servers reach this one. */
  readonly replicationUrls: readonly string[];
  readonly #nodes: RavenNodes;
  readonly #routes: ServerRoutes;

  private constructor(
    name: string,
    shared: { nodes: RavenNodes; routes: ServerRoutes },
    replicationUrls: readonly string[],
    http = new RavenHttp(name, shared.nodes),
  ) {
    this.name = name;
    this.#nodes = shared.nodes;
    this.#routes = shared.routes;
    this.replicationUrls = replicationUrls;
    this.http = http;
  }

  /** @throws RavenError when the certificate cannot be read */
  static open(
    name: string,
    settings: ConnectionSettings,
    tuning = defaultTuning.connection,
  ): RavenConnection {
    const nodes = new RavenNodes(settings.urls, readTls(name, settings), tuning);
    const shared = { nodes, routes: new ServerRoutes() };
    return new RavenConnection(name, shared, settings.replicationUrls ?? settings.urls);
  }

  /** The same connection, whose requests also end when this signal is aborted. */
  within(signal: AbortSignal, use?: Use): RavenConnection {
    const http = this.http.within(signal, use);
    const shared = { nodes: this.#nodes, routes: this.#routes };
    return new RavenConnection(this.name, shared, this.replicationUrls, http);
  }

  /** Whether the server knows a request to a database; `path` as in `stats/essential`. @throws RavenError */
  async answers(path: string): Promise<boolean> {
    return await this.#routes.knows(this.http, `/databases/*/${path}`);
  }

  /**
   * Runs something with RavenDB's client, for its typed operations. The requests go through this connection, with its
   * node, certificate and signal. (On its own the client accepts no CA without a certificate, and no elliptic-curve
   * key.)
   * @param doing its purpose, in a few words
   * @throws RavenError, or the reason of the abort
   */
  async withClient<T>(
    doing: string,
    database: string | undefined,
    run: (store: DocumentStore) => Promise<T>,
  ): Promise<T> {
    this.http.signal?.throwIfAborted();
    let failed: unknown;
    const store = new DocumentStore(this.#nodes.url, '');
    store.conventions.disableTopologyUpdates = true;
    store.conventions.customFetch = async (uri: string, init: RequestInit) => {
      try {
        return await this.#fetch(doing, database, uri, init);
      } catch (error) {
        failed = error;
        throw error;
      }
    };
    store.initialize();
    try {
      return await run(store);
    } catch (error) {
      throw failed ?? toRavenError({ connection: this.name, database }, doing, error);
    } finally {
      store.dispose();
    }
  }

  close(): void {
    this.#nodes.agent.destroy();
  }

  async #fetch(
    doing: string,
    database: string | undefined,
    uri: string,
    init: RequestInit,
  ): Promise<Response> {
    const { pathname, search } = new URL(uri);
    const answer = await this.http.ask({
      doing,
      ...(database !== undefined && { database }),
      path: `${pathname}${search}`,
      method: init.method ?? 'GET',
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(typeof init.body === 'string' && { body: init.body }),
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value));
    const content = await buffer(answer).catch((error) => {
      throw this.http.explain({ doing, database }, error);
    });
    const status = answer.statusCode ?? 500;
    return new Response(content.length > 0 ? content : null, { status, headers });
  }
}

/** The connections of a configuration, each opened on first use. */
export class Connections {
  readonly #settings: Record<string, ConnectionSettings>;
  readonly #tuning: Tuning['connection'];
  readonly #open = new Map<string, RavenConnection>();

  constructor(settings: Record<string, ConnectionSettings>, tuning = defaultTuning.connection) {
    this.#settings = settings;
    this.#tuning = tuning;
  }

  /** @throws RavenError of kind `UnknownConnection` that lists the known names */
  get(name: string): RavenConnection {
    const known = this.#open.get(name);
    if (known) return known;
    const settings = Object.hasOwn(this.#settings, name) ? this.#settings[name] : undefined;
    if (!settings) {
      const names = Object.keys(this.#settings).map((each) => `"${each}"`);
      const message =
        `Connection "${name}" is not in the worker's configuration (known: ${names.join(', ') || 'none'}). ` +
        `Add it to shardlift.yaml, or set SHARDLIFT_CONNECTION_<NAME>_URLS, and restart the worker.`;
      throw new RavenError(message, { kind: 'UnknownConnection', retryable: false });
    }
    const opened = RavenConnection.open(name, settings, this.#tuning);
    this.#open.set(name, opened);
    return opened;
  }

  close(): void {
    for (const connection of this.#open.values()) connection.close();
    this.#open.clear();
  }
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;

function readTls(name: string, settings: ConnectionSettings): TlsMaterial {
  const ca = settings.ca === undefined ? undefined : readSecret(name, 'ca', settings.ca).toString();
  const { certificate, certificatePassword: passphrase } = settings;
  if (certificate === undefined) return { ca };
  const content = readSecret(name, 'certificate', certificate);
  try {
    const identity = content.includes('-----BEGIN')
      ? readPem(content.toString(), passphrase)
      : { pfx: content, passphrase };
    // a wrong password, or a file that is not a certificate, shows here and not at the first request
    createSecureContext(identity);
    return { ...identity, ca };
  } catch (error) {
    const reason = (error as Error).message;
    throw new RavenError(`The certificate of connection "${name}" cannot be used: ${reason}.`, {
      kind: 'TLS',
      retryable: false,
    });
  }
}

function readPem(pem: string, passphrase: string | undefined): { cert: string; key: string } {
  const key = createPrivateKey({ key: pem, ...(passphrase && { passphrase }) });
  const cert = pem.match(CERTIFICATES)?.join('\n');
  if (!cert) throw new Error('the file holds a key but no certificate');
  return { cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function readSecret(name: string, field: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new RavenError(`The file in ${field} of connection "${name}" cannot be read (${reason}).`, {
      kind: 'TLS',
      retryable: false,
    });
  }
}
