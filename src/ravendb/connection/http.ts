/**
 * Raw requests to RavenDB over `node:http(s)`: what the client has no call for, and every stream of bytes.
 * Not `fetch`: it gives up 300 s after a body was sent, and an import answers only when it is done.
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

/** One request. `doing` says in a few words what it is for; it opens the sentence of an error. */
export interface RavenRequest {
  doing: string;
  path: string;
  method?: string;
  /** For the error's sentence. */
  database?: string;
  body?: string | Readable;
  headers?: Record<string, string>;
  /**
   * For work during which the server may be silent: asks how far it is, by a request of its own. As long as the
   * answers differ the work goes on; without it silence alone ends the request.
   */
  howFar?: () => Promise<string>;
}

/** What the sentence of an error speaks of. */
type ErrorSetting = { doing: string; database?: string | undefined };

const JSON_HEADERS = { 'Content-Type': 'application/json; charset=utf-8' };

/** Kinds of error after which another node may be asked: this one has not seen the request. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The nodes of one connection, and the one in use: etags belong to a node, so it stays while it answers. */
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

  /** The address in use. */
  get url(): string {
    return this.#urls[this.#preferred] ?? '';
  }

  get count(): number {
    return this.#urls.length;
  }

  /** Turns to the next node, unless another request has done so since `failed` was in use. */
  turnFrom(failed: string): void {
    if (failed === this.url) this.#preferred = (this.#preferred + 1) % this.#urls.length;
  }

  /** Closes connections that wait for their next request: where one line has gone dead, others have. */
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

  constructor(connection: string, nodes: RavenNodes, signal?: AbortSignal) {
    this.connection = connection;
    this.#nodes = nodes;
    this.signal = signal;
  }

  /** How long requests to this connection, and operations on it, may take. */
  get tuning(): Tuning['connection'] {
    return this.#nodes.tuning;
  }

  /** The same door for requests that must be sent although the signal is aborted: those that tidy up. */
  get unaborted(): RavenHttp {
    return new RavenHttp(this.connection, this.#nodes);
  }

  /** The same door, whose requests end with another signal, too. */
  within(signal: AbortSignal): RavenHttp {
    const both = this.signal ? AbortSignal.any([this.signal, signal]) : signal;
    return new RavenHttp(this.connection, this.#nodes, both);
  }

  /**
   * Sends a request and gives the answer's JSON (undefined for an empty one).
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
   * Sends a request and gives the answer as soon as its head is there; its body is the caller's to read.
   * A streamed body is sent only once, so only a request without one moves on to the next node.
   * @throws RavenError also for an answer that is not 2xx, or the reason of the abort; reading the body fails with
   *   a RavenError of kind `ETIMEDOUT` when the server goes silent in its middle
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

  /** Sends a request and gives the answer whatever its status. @throws RavenError, or the reason of the abort */
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
    // Node frames the body of a DELETE only when it is told its length
    const length = typeof body === 'string' ? { 'Content-Length': Buffer.byteLength(body) } : {};
    const headers = { ...request.headers, ...length };
    const { signal } = this;
    const { agent, tuning } = this.#nodes;
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = send(`${url}${path}`, { method, agent, headers, ...(signal && { signal }) });
      outgoing.once('response', (answer: IncomingMessage) => {
        // who reads the body hears of a broken line in our words, too
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
      watch({ outgoing, streams: body instanceof Readable, howFar: request.howFar, giveUp }, tuning);
      // RavenDB may refuse an upload half-way: its answer counts then, not the broken pipe
      if (body instanceof Readable) pipeline(body, outgoing).catch(reject);
      else outgoing.end(body);
    });
  }

  /** What to throw for an error in reading an answer: a RavenError, or the reason of the abort. */
  explain(request: ErrorSetting, error: unknown): unknown {
    if (this.signal?.aborted) return this.signal.reason;
    return toRavenError(this.#context(request), request.doing, error);
  }

  #context({ database }: ErrorSetting): ErrorContext {
    return { connection: this.connection, database };
  }
}
