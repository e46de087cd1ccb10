/**
 * Raw requests to RavenDB over `node:http(s)`: those that the client does not offer, and every stream of bytes.
 * Not `fetch`: it gives up 300 s after a body was sent, and an import responds only when it is done.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { defaultTuning, type Tuning } from '../../core/contract/tuning.ts';
import { type ErrorContext, fromAnswer, RavenError, toRavenError } from './errors.ts';
import { watch } from './stalled-connection.ts';

/** What TLS needs, already read from disk. */
export interface TlsMaterial {
  cert?: string;
  key?: string;
  pfx?: Buffer;
  passphrase?: string | undefined;
  ca?: string | undefined;
}

/** One request. `doing` is its purpose in a few words: an error message begins with it. */
export interface RavenRequest {
  doing: string;
  path: string;
  method?: string;
  /** For the error message. */
  database?: string;
  body?: string | Readable;
  headers?: Record<string, string>;
  /**
   * For work during which the server may be silent: asks for its progress by a separate request. While the results
   * change, the request goes on; without this probe silence alone ends it.
   */
  probeProgress?: () => Promise<string>;
}

/** Who uses a connection, and how. */
export interface Use {
  /** Called when a response begins, and every few seconds while bytes of a request or response move. */
  onMoved?: () => void;
  /** How many times as long as usual the server may be silent. */
  patience?: number;
}

/** What an error message names besides the connection. */
type ErrorSubject = { doing: string; database?: string | undefined };

const JSON_HEADERS = { 'Content-Type': 'application/json; charset=utf-8' };

/** Kinds of errors after which another node may be tried: this one has not seen the request. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The nodes of one connection. One stays in use while it responds, since each node has its own etags. */
export class RavenNodes {
  readonly #urls: string[];
  readonly agent: HttpAgent | HttpsAgent;
  readonly tuning: Tuning['connection'];
  #preferred = 0;

  constructor(urls: string[], tls: TlsMaterial, tuning = defaultTuning.connection) {
    this.tuning = tuning;
    this.#urls = urls.map((url) => url.replace(/\/+$/, ''));
    this.agent = this.url.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true, ...tls })
      : new HttpAgent({ keepAlive: true });
  }

  /** The address of the node in use. */
  get url(): string {
    return this.#urls[this.#preferred] ?? '';
  }

  get count(): number {
    return this.#urls.length;
  }

  /** Switches to the next node, unless another request has switched away from `failed` already. */
  turnFrom(failed: string): void {
    if (failed === this.url) this.#preferred = (this.#preferred + 1) % this.#urls.length;
  }

  /** Closes idle connections: where one has gone dead, so have others. */
  closeIdle(): void {
    for (const sockets of Object.values(this.agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }
}

/** Requests to one connection. */
export class RavenHttp {
  readonly connection: string;
  /** Ends all requests when it is aborted. */
  readonly signal: AbortSignal | undefined;
  readonly #nodes: RavenNodes;
  readonly #use: Use;

  constructor(connection: string, nodes: RavenNodes, signal?: AbortSignal, use: Use = {}) {
    this.connection = connection;
    this.#nodes = nodes;
    this.signal = signal;
    this.#use = use;
  }

  /** How long requests to this connection, and operations on it, may take. */
  get tuning(): Tuning['connection'] {
    const { tuning } = this.#nodes;
    const { patience = 1 } = this.#use;
    return { ...tuning, silentMs: tuning.silentMs * patience, stuckMs: tuning.stuckMs * patience };
  }

  /** For requests that must be sent although the signal is aborted: those that clean up. */
  get unaborted(): RavenHttp {
    return new RavenHttp(this.connection, this.#nodes);
  }

  /** The same, whose requests also end when this signal is aborted. */
  within(signal: AbortSignal, use = this.#use): RavenHttp {
    const both = this.signal ? AbortSignal.any([this.signal, signal]) : signal;
    return new RavenHttp(this.connection, this.#nodes, both, use);
  }

  /**
   * Sends a request and returns the response's JSON; undefined for an empty response.
   * @throws RavenError, or the reason of the abort
   */
  async json<T>(request: Omit<RavenRequest, 'body'> & { json?: unknown }): Promise<T> {
    const { json, ...rest } = request;
    const body = json === undefined ? {} : { body: JSON.stringify(json), headers: JSON_HEADERS };
    try {
      const content = await text(await this.open({ ...rest, ...body }));
      return (content === '' ? undefined : JSON.parse(content)) as T;
    } catch (error) {
      throw this.explain(request, error);
    }
  }

  /**
   * Sends a request and returns the response as soon as its head has arrived; the caller reads the body. A streamed
   * body can be sent only once, so only a request without one is retried on the next node.
   * @throws RavenError also for a response that is not 2xx, or the reason of the abort; reading the body fails with a
   *   RavenError of kind `ETIMEDOUT` when the server goes silent
   */
  async open(request: RavenRequest): Promise<IncomingMessage> {
    const answer = await this.ask(request);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    const body = await text(answer).catch((error) => {
      throw this.explain(request, error);
    });
    throw fromAnswer(this.#context(request), request.doing, { status, body });
  }

  /** Sends a request and returns the response, whatever its status. @throws RavenError, or the reason of the abort */
  async ask(request: RavenRequest): Promise<IncomingMessage> {
    for (let tried = 1; ; tried++) {
      const { url } = this.#nodes;
      try {
        return await this.#exchange(url, request);
      } catch (error) {
        const explained = this.explain(request, error);
        const unreachable = explained instanceof RavenError && UNREACHABLE.has(explained.kind);
        if (!unreachable || tried >= this.#nodes.count || request.body instanceof Readable) throw explained;
        this.#nodes.turnFrom(url);
      }
    }
  }

  #exchange(url: string, request: RavenRequest): Promise<IncomingMessage> {
    const { path, method = 'GET', body } = request;
    // Node sends no body with a DELETE unless its length is given
    const length = typeof body === 'string' ? { 'Content-Length': Buffer.byteLength(body) } : {};
    const headers = { ...request.headers, ...length };
    const { signal } = this;
    const { tuning } = this;
    const { agent } = this.#nodes;
    const onMoved = () => this.#use.onMoved?.();
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = send(`${url}${path}`, { method, agent, headers, ...(signal && { signal }) });
      outgoing.once('response', (answer: IncomingMessage) => {
        onMoved();
        // translate socket errors while the body is read
        const { destroy } = answer;
        answer.destroy = (error) => destroy.call(answer, error && (this.explain(request, error) as Error));
        resolve(answer);
      });
      outgoing.on('error', reject);
      const giveUp = (answer?: IncomingMessage) => {
        const reason = this.explain(request, { code: 'ETIMEDOUT' }) as Error;
        this.#nodes.closeIdle();
        answer?.destroy(reason);
        outgoing.destroy(reason);
      };
      watch(
        {
          outgoing,
          streams: body instanceof Readable,
          probeProgress: request.probeProgress,
          onMoved,
          giveUp,
        },
        tuning,
      );
      // RavenDB may refuse an upload halfway: then its response counts, not the broken pipe
      if (body instanceof Readable) pipeline(body, outgoing).catch(reject);
      else outgoing.end(body);
    });
  }

  /** What to throw for an error while reading a response: a RavenError, or the reason of the abort. */
  explain(request: ErrorSubject, error: unknown): unknown {
    if (this.signal?.aborted) return this.signal.reason;
    return toRavenError(this.#context(request), request.doing, error);
  }

  #context({ database }: ErrorSubject): ErrorContext {
    return { connection: this.connection, database };
  }
}
