/** A proxy before RavenDB that changes some answers, to plant what no request can: wrong bytes, a wrong place. */
import { createServer, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Changes the answers to requests whose path, decoded, matches. */
export interface Tampering {
  path: RegExp;
  change(body: Buffer): Buffer | Promise<Buffer>;
}

/** The proxy. */
export class TamperingProxy {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async before(url: string, tamperings: Tampering[]): Promise<TamperingProxy> {
    const server = createServer((incoming, outgoing) => {
      const { method = 'GET', url: path = '/', headers } = incoming;
      const fail = () => outgoing.destroy();
      const forward = send(`${url}${path}`, { method, headers }, (answer) => {
        const tampering = tamperings.find((each) => each.path.test(decodeURIComponent(path)));
        const { 'content-length': _, ...kept } = answer.headers;
        if (!tampering) {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing).once('error', fail);
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, kept);
        buffer(answer)
          .then((body) => tampering.change(body))
          .then((body) => outgoing.end(body), fail);
      });
      forward.once('error', fail);
      incoming.pipe(forward);
    });
    // a client on a busy machine may come back to a connection after seconds
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TamperingProxy(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
