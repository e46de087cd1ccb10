/** The hook of a migration, as an application has one: it is told which database serves, and may veto a switch. */
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { HookCall } from '../../../src/core/cutover/hooks.ts';
import type { Stack } from './stack.ts';

/** A hook for the moments `beforeSwitch` and `afterSwitch`. */
export class Switchboard {
  readonly #server: Server;
  /** Called after each switch with the database that serves from then on. */
  serves: (database: string) => void = () => undefined;
  /** What is done before a switch; whoever throws vetoes it. */
  before: (call: HookCall) => Promise<void> = () => Promise.resolve();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<Switchboard> {
    const board: Switchboard = new Switchboard(
      createServer(async (request, answer) => {
        const call = (await json(request)) as HookCall;
        const status = await board.#take(call).then(
          () => 204,
          () => 409,
        );
        answer.writeHead(status).end();
      }),
    );
    await new Promise<void>((resolve) => board.#server.listen(0, '127.0.0.1', resolve));
    return board;
  }

  async #take(call: HookCall): Promise<void> {
    if (call.moment === 'beforeSwitch') await this.before(call);
    else this.serves(call.to.database);
  }

  /** Starts a worker whose configuration names it `told`. */
  async startWorker(stack: Stack): Promise<void> {
    const { port } = this.#server.address() as AddressInfo;
    const file = join(stack.directory, 'shardlift.yaml');
    const hooks = { told: { url: `http://127.0.0.1:${port}`, timeout: '60s' } };
    await writeFile(file, JSON.stringify({ hooks }));
    await stack.startWorker({ SHARDLIFT_CONFIG: file });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** For the input of a migration. */
export const TOLD = { beforeSwitch: ['told'], afterSwitch: ['told'] };
