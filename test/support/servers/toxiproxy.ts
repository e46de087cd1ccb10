/** A real proxy in the wire between the worker and RavenDB that makes the wire bad: Shopify's toxiproxy. */
import { untilReady } from '../../../dev/servers/ready.ts';
import type { Supervised } from '../../../dev/servers/supervised.ts';
import { type GoTool, startGoTool } from './go-tool.ts';

const TOOL: GoTool = {
  name: 'toxiproxy',
  version: '2.5.0',
  package: 'github.com/Shopify/toxiproxy/v2/cmd/server',
};
/**
 * Taking a toxic away waits until what it holds is written, or until its line ends: seconds were seen, and a line that
 * has gone silent is given up by the worker after its patience, by default a minute.
 */
const ANSWER_TIMEOUT_MS = 120_000;

/** What can be wrong with the wire. Times are milliseconds. */
export type Toxic =
  /** Each piece of data comes later. */
  | { type: 'latency'; latency: number; jitter?: number }
  /** At most so many kilobytes a second. */
  | { type: 'bandwidth'; rate: number }
  /** The end of a connection comes later. */
  | { type: 'slow_close'; delay: number }
  /** All data is swallowed; after the time (0: never) the connection is closed. Closed too when the toxic goes. */
  | { type: 'timeout'; timeout: number }
  /** The connection is reset after the time. */
  | { type: 'reset_peer'; timeout: number }
  /** The connection is closed after so many bytes. */
  | { type: 'limit_data'; bytes: number };

/** Which way a toxic works: what the worker sends is upstream, what the server answers is downstream. */
export type Direction = 'upstream' | 'downstream';

/** A running toxiproxy; it ends with this process. */
export class Toxiproxy {
  readonly #api: string;
  readonly #server: Supervised;

  private constructor(api: string, server: Supervised) {
    this.#api = api;
    this.#server = server;
  }

  /** Starts one, compiling it first where the cache has none. @throws GoToolMissing */
  static async start(): Promise<Toxiproxy> {
    const { server, port } = await startGoTool(TOOL, (at) => ['-host', '127.0.0.1', '-port', `${at}`]);
    const proxy = new Toxiproxy(`http://127.0.0.1:${port}`, server);
    await untilReady('toxiproxy', server, () => proxy.call('GET', '/version'));
    return proxy;
  }

  /** Lays a wire to a server; `port` chooses where it listens on 127.0.0.1. */
  async before(url: string, port = 0): Promise<Wire> {
    const name = `proxy-${new URL(url).port}-${Math.random().toString(36).slice(2)}`;
    const made = await this.call<{ listen: string }>('POST', '/proxies', {
      name,
      listen: `127.0.0.1:${port}`,
      upstream: new URL(url).host,
      enabled: true,
    });
    return new Wire(this, name, `http://${made.listen}`);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /** A request to toxiproxy's API. */
  async call<T>(method: string, at: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.#api}${at}`, {
      method,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      ...(body && { body: JSON.stringify(body) }),
    });
    const content = await answer.text();
    if (!answer.ok) throw new Error(`toxiproxy: ${method} ${at}: ${answer.status} ${content}`);
    return (content.startsWith('{') ? JSON.parse(content) : content) as T;
  }
}

/** The wire to one server. */
export class Wire {
  readonly #toxiproxy: Toxiproxy;
  readonly #name: string;
  /** Where it listens. */
  readonly url: string;

  constructor(toxiproxy: Toxiproxy, name: string, url: string) {
    this.#toxiproxy = toxiproxy;
    this.#name = name;
    this.url = url;
  }

  /** Adds a toxic, to connections that are open and to those to come. @returns its name */
  async add(direction: Direction, { type, ...attributes }: Toxic): Promise<string> {
    const name = `${type}-${direction}-${Math.random().toString(36).slice(2)}`;
    await this.#toxiproxy.call('POST', `/proxies/${this.#name}/toxics`, {
      name,
      type,
      stream: direction,
      toxicity: 1,
      attributes,
    });
    return name;
  }

  async remove(toxic: string): Promise<void> {
    await this.#toxiproxy.call('DELETE', `/proxies/${this.#name}/toxics/${toxic}`);
  }

  /** Removes all toxics. */
  async heal(): Promise<void> {
    const toxics = await this.#toxiproxy.call<{ toxics: { name: string }[] }>(
      'GET',
      `/proxies/${this.#name}`,
    );
    for (const { name } of toxics.toxics) await this.remove(name);
  }

  /** Takes the wire away. */
  async cut(): Promise<void> {
    await this.#toxiproxy.call('DELETE', `/proxies/${this.#name}`);
  }

  /** Accepts connections again. */
  async enable(): Promise<void> {
    await this.#set(true);
  }

  /** Closes all connections, and refuses new ones. */
  async disable(): Promise<void> {
    await this.#set(false);
  }

  async #set(enabled: boolean): Promise<void> {
    await this.#toxiproxy.call('POST', `/proxies/${this.#name}`, { enabled });
  }
}
