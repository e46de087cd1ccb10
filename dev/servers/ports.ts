import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** Below the ports that operating systems assign: any connection may take one of those before our server starts. */
const FIRST_PORT = 15_000;
const END_OF_PORTS = 32_000;
const MOST_ATTEMPTS = 50;
const MOST_STARTS = 3;

/**
 * Returns TCP ports that are free on 127.0.0.1 now: each wanted port, or a random one for `undefined`. Throws if a wanted
 * port is in use, because the program that uses it could be mistaken for the server that is about to start there.
 */
export async function freePorts(...wanted: (number | undefined)[]): Promise<number[]> {
  const holders: Server[] = [];
  try {
    // each is held until all are known, so that they differ
    for (const port of wanted) holders.push(await (port === undefined ? listenSomewhere() : listen(port)));
    return holders.map((holder) => (holder.address() as AddressInfo).port);
  } finally {
    await Promise.all(holders.map((holder) => once(holder.close(), 'close')));
  }
}

/**
 * Starts a server on free ports, and once more on others when somebody has taken one before the server could.
 * @param wanted as for {@link freePorts}
 */
export async function onFreePorts<T>(
  wanted: readonly (number | undefined)[],
  start: (ports: number[]) => Promise<T>,
): Promise<T> {
  for (let started = 1; ; started++) {
    try {
      return await start(await freePorts(...wanted));
    } catch (error) {
      const isTaken = /address already in use/i.test((error as Error).message);
      if (!isTaken || started === MOST_STARTS) throw error;
    }
  }
}

async function listenSomewhere(): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listen(randomInt(FIRST_PORT, END_OF_PORTS));
    } catch (error) {
      if (attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

async function listen(port: number): Promise<Server> {
  const holder = createServer().listen(port, '127.0.0.1');
  try {
    await once(holder, 'listening');
    return holder;
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw inUse ? new Error(`port ${port} of 127.0.0.1 is in use`) : error;
  }
}
