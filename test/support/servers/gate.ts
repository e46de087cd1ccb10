/**
 * A gate in the wire between the worker and RavenDB: it lets everything through but a request that a test wants
 * to hold, so that a test can act at exactly that moment, or to have changed on its way. It reads only the first line
 * of each request.
 */

import { type AddressInfo, connect as connectTo, createServer, type Server, type Socket } from 'node:net';

const REQUEST_LINE = /^(?:GET|POST|PUT|DELETE|PATCH|HEAD) \S+ HTTP\/1\.1\r\n/;

/** A gate before a server on 127.0.0.1. */
export class Gate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #pattern: RegExp | undefined;
  #caught: (() => void) | undefined;
  #held: (() => void)[] = [];
  #isAway = false;
  #change: (line: string) => string = (line) => line;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async before(url: string): Promise<Gate> {
    const port = Number(new URL(url).port);
    const gate: Gate = new Gate(createServer((client) => gate.#forward(client, port)));
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Holds the next request whose first line matches, and all after it; the promise tells when it is there. */
  hold(pattern: RegExp): Promise<void> {
    this.#pattern = pattern;
    return new Promise((resolve) => {
      this.#caught = resolve;
    });
  }

  /** Lets go of what is held, and holds the next request that matches. */
  holdNext(pattern: RegExp): Promise<void> {
    this.open();
    return this.hold(pattern);
  }

  /** Lets everything through again, also what was held. */
  open(): void {
    this.#pattern = undefined;
    for (const pass of this.#held.splice(0)) pass();
  }

  /** Cuts every connection, and each new one, as a server that is away; until it is back. */
  away(): void {
    this.#isAway = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  back(): void {
    this.#isAway = false;
  }

  /** Changes the first line of each request from here on, as a proxy that is set up wrongly would. */
  rewrite(change: (line: string) => string): void {
    this.#change = change;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(client: Socket, port: number): void {
    if (this.#isAway) {
      client.destroy();
      return;
    }
    const server = connectTo(port, '127.0.0.1');
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    server.pipe(client);
    client.on('data', (chunk: Buffer) => {
      const [line] = REQUEST_LINE.exec(chunk.subarray(0, 4096).toString('latin1')) ?? [];
      const pass = () => {
        client.resume();
        const changed = line ? [Buffer.from(this.#change(line)), chunk.subarray(line.length)] : [chunk];
        if (!server.write(Buffer.concat(changed))) {
          client.pause();
          server.once('drain', () => client.resume());
        }
      };
      if (!line || !this.#pattern?.test(line)) return pass();
      client.pause();
      this.#held.push(pass);
      this.#caught?.();
    });
  }
}
