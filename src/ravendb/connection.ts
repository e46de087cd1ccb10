/** Named connections: the only way to a RavenDB server. */
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { DocumentStore, type IAuthOptions } from 'ravendb';
import type { ConnectionSettings } from '../config/config.ts';
import { RavenError, toRavenError } from './errors.ts';
import { RavenHttp, RavenNodes, type TlsMaterial } from './http.ts';

/**
 * A connection: raw requests and RavenDB's own client, over the same node and certificate. What comes from
 * `within` shares both, and ends its requests with a signal.
 */
export class RavenConnection {
  readonly name: string;
  readonly http: RavenHttp;
  readonly #server: Server;

  private constructor(name: string, server: Server, signal?: AbortSignal) {
    this.name = name;
    this.#server = server;
    this.http = new RavenHttp(name, server.nodes, signal);
  }

  /** @throws RavenError when the certificate cannot be read */
  static open(name: string, settings: ConnectionSettings): RavenConnection {
    const tls = readTls(name, settings);
    return new RavenConnection(name, new Server(settings, tls));
  }

  /** The same connection, whose requests all end when the signal is aborted. */
  within(signal: AbortSignal): RavenConnection {
    return new RavenConnection(this.name, this.#server, signal);
  }

  /**
   * Runs something with RavenDB's own client, for its typed operations, and turns its errors into RavenErrors.
   * The client cannot be stopped: on an abort its request is left behind, so it must be safe to repeat.
   * @param doing what it is for, in a few words
   */
  async withClient<T>(
    doing: string,
    database: string | undefined,
    run: (store: DocumentStore) => Promise<T>,
  ): Promise<T> {
    const { signal } = this.http;
    const running = run(this.#server.store).catch((error) => {
      throw toRavenError({ connection: this.name, database }, doing, error);
    });
    return await (signal ? untilAborted(running, signal) : running);
  }

  close(): void {
    this.#server.close();
  }
}

/** What all objects of one connection share. */
class Server {
  readonly nodes: RavenNodes;
  readonly #urls: string[];
  readonly #tls: TlsMaterial;
  #store: DocumentStore | undefined;

  constructor({ urls }: ConnectionSettings, tls: TlsMaterial) {
    this.#urls = urls;
    this.#tls = tls;
    this.nodes = new RavenNodes(urls, tls);
  }

  /** The client, pinned to one node. */
  get store(): DocumentStore {
    this.#store ??= this.#openStore();
    return this.#store;
  }

  close(): void {
    this.#store?.dispose();
    this.nodes.agent.destroy();
  }

  #openStore(): DocumentStore {
    const { cert, key, pfx, passphrase, ca } = this.#tls;
    const certificate = pfx ?? (cert && key ? `${key}\n${cert}` : undefined);
    const auth: IAuthOptions | undefined =
      certificate === undefined
        ? undefined
        : {
            certificate,
            type: pfx ? 'pfx' : 'pem',
            ...(passphrase && pfx && { password: passphrase }),
            ...(ca && { ca }),
          };
    const store = auth ? new DocumentStore(this.#urls, '', auth) : new DocumentStore(this.#urls, '');
    store.conventions.disableTopologyUpdates = true;
    store.initialize();
    return store;
  }
}

/** The connections of a configuration, each opened when it is first asked for. */
export class Connections {
  readonly #settings: Record<string, ConnectionSettings>;
  readonly #open = new Map<string, RavenConnection>();

  constructor(settings: Record<string, ConnectionSettings>) {
    this.#settings = settings;
  }

  /** @throws RavenError of kind `UnknownConnection` that lists the names that are known */
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
    const opened = RavenConnection.open(name, settings);
    this.#open.set(name, opened);
    return opened;
  }

  close(): void {
    for (const connection of this.#open.values()) connection.close();
    this.#open.clear();
  }
}

async function untilAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const ended = new AbortController();
  const aborted = once(signal, 'abort', { signal: ended.signal }).then(
    () => Promise.reject(signal.reason),
    () => running,
  );
  try {
    return await Promise.race([running, aborted]);
  } finally {
    ended.abort();
  }
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;

function readTls(name: string, settings: ConnectionSettings): TlsMaterial {
  const ca = settings.ca === undefined ? undefined : readSecret(name, 'ca', settings.ca).toString();
  const { certificate, certificatePassword: passphrase } = settings;
  if (certificate === undefined) return { ca };
  const content = readSecret(name, 'certificate', certificate);
  try {
    if (!content.includes('-----BEGIN')) return { pfx: content, passphrase, ca };
    const pem = content.toString();
    // the client takes only PKCS#1 keys from a PEM file and ignores others without a word
    const privateKey = createPrivateKey({ key: pem, ...(passphrase && { passphrase }) });
    const type = privateKey.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
    const key = privateKey.export({ type, format: 'pem' }).toString();
    const cert = pem.match(CERTIFICATES)?.join('\n') ?? '';
    return { cert, key, ca };
  } catch (error) {
    throw new RavenError(
      `The certificate of connection "${name}" cannot be read: ${(error as Error).message}.`,
      { kind: 'TLS', retryable: false },
    );
  }
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
