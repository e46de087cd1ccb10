/**
 * Raw requests to RavenDB over `node:http(s)`: what the client has no call for, and every stream of bytes.
 * Not `fetch`: it gives up 300 s after a body was sent, and an import answers only when it is done.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type ErrorContext, fromAnswer, RavenError, toRavenError } from './errors.ts';

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
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** For the error's sentence. */
  database?: string;
  body?: string | Readable;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

const JSON_HEADERS = { 'Content-Type': 'application/json; charset=utf-8' };

/** How long a request that answers at once may stay silent. Streams and imports have no such bound. */
const ANSWER_TIMEOUT_MS = 60_000;

/** Requests to the nodes of one connection. Stays with the node that answered last: etags belong to a node. */
export class RavenHttp {
  readonly connection: string;
  readonly #urls: string[];
  readonly #agent: HttpAgent | HttpsAgent;
  #preferred = 0;

  constructor(connection: string, urls: string[], tls: TlsMaterial) {
    this.connection = connection;
    this.#urls = urls.map((url) => url.replace(/\/+$/, ''));
    this.#agent = this.#urls[0]?.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true, ...tls })
      : new HttpAgent({ keepAlive: true });
  }

  /** The address in use. For the client and for printing at the worker's own terminal; never for a workflow. */
  get url(): string {
    return this.#urls[this.#preferred] ?? '';
  }

  /**
   * Sends a request and gives the answer's JSON (undefined for an empty one).
   * @throws RavenError
   */
  async json<T>(request: Omit<RavenRequest, 'body'> & { json?: unknown }): Promise<T> {
    const { json, ...rest } = request;
    const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const signal = rest.signal ? AbortSignal.any([rest.signal, timeout]) : timeout;
    const body = json === undefined ? {} : { body: JSON.stringify(json), headers: JSON_HEADERS };
    try {
      const answer = await this.open({ ...rest, ...body, signal });
      const content = await text(answer);
      return (content === '' ? undefined : JSON.parse(content)) as T;
    } catch (error) {
      if (timeout.aborted && !request.signal?.aborted) {
        throw toRavenError(this.#context(request), request.doing, { code: 'ETIMEDOUT' });
      }
      throw this.#explain(request, error);
    }
  }

  /**
   * Sends a request and gives the answer as soon as its head is there; its body is the caller's to read.
   * A streamed body is sent only once, so only a request without one moves on to the next node.
   * @throws RavenError also for an answer that is not 2xx
   */
  async open(request: RavenRequest): Promise<IncomingMessage> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.#send(request);
      } catch (error) {
        const explained = this.#explain(request, error);
        const unreachable = explained instanceof RavenError && explained.kind === 'ECONNREFUSED';
        if (!unreachable || tried >= this.#urls.length || request.body instanceof Readable) throw explained;
        this.#preferred = (this.#preferred + 1) % this.#urls.length;
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(request: RavenRequest): Promise<IncomingMessage> {
    const answer = await this.#exchange(request);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    const body = await text(answer);
    throw fromAnswer(this.#context(request), request.doing, { status, body });
  }

  #exchange({ path, method = 'GET', body, headers, signal }: RavenRequest): Promise<IncomingMessage> {
    const send = this.url.startsWith('https:') ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = send(`${this.url}${path}`, {
        method,
        agent: this.#agent,
        headers: headers ?? {},
        ...(signal && { signal }),
      });
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
      // RavenDB may refuse an upload half-way: its answer counts then, not the broken pipe
      if (body instanceof Readable) pipeline(body, outgoing).catch(reject);
      else outgoing.end(body);
    });
  }

  #explain(request: RavenRequest, error: unknown): unknown {
    return request.signal?.aborted ? error : toRavenError(this.#context(request), request.doing, error);
  }

  #context(request: Pick<RavenRequest, 'database'>): ErrorContext {
    return { connection: this.connection, database: request.database };
  }
}
