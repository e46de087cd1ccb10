/** Named connections: the only way to a RavenDB server. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DocumentStore, type IAuthOptions } from 'ravendb';
import type { ConnectionSettings } from '../config/config.ts';
import { RavenError, toRavenError } from './errors.ts';
import { RavenHttp, type TlsMaterial } from './http.ts';

/** An open connection: raw requests and RavenDB's own client, over the same node and certificate. */
export class RavenConnection {
  readonly name: string;
  readonly http: RavenHttp;
  readonly #settings: ConnectionSettings;
  readonly #tls: TlsMaterial;
  #store: DocumentStore | undefined;

  constructor(name: string, settings: ConnectionSettings) {
    this.name = name;
    this.#settings = settings;
    this.#tls = readTls(name, settings);
    this.http = new RavenHttp(name, settings.urls, this.#tls);
  }

  /** RavenDB's own client, for its typed operations. Pinned to one node: etags and operations belong to it. */
  get store(): DocumentStore {
    this.#store ??= this.#openStore();
    return this.#store;
  }

  /**
   * Runs something with the client and turns its errors into RavenErrors.
   * @param doing what it is for, in a few words
   */
  async withClient<T>(
    doing: string,
    database: string | undefined,
    run: (store: DocumentStore) => Promise<T>,
  ) {
    try {
      return await run(this.store);
    } catch (error) {
      throw toRavenError({ connection: this.name, database }, doing, error);
    }
  }

  close(): void {
    this.#store?.dispose();
    this.http.close();
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
    const store = auth
      ? new DocumentStore(this.#settings.urls, '', auth)
      : new DocumentStore(this.#settings.urls, '');
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
    const opened = new RavenConnection(name, settings);
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
