import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/**
 * Returns a TCP port that is free on 127.0.0.1 right now for each one wanted: that very port, or for `undefined` one
 * that the operating system chooses. Throws when a wanted port is in use: whoever uses it could be taken for the
 * server that is about to be started there.
 */
export async function freePorts(...wanted: (number | undefined)[]): Promise<number[]> {
  const holders: Server[] = [];
  try {
    // All are held until all are known, so that they differ.
    for (const port of wanted) holders.push(await listen(port));
    return holders.map((holder) => (holder.address() as AddressInfo).port);
  } finally {
    await Promise.all(holders.map((holder) => once(holder.close(), 'close')));
  }
}

async function listen(port = 0): Promise<Server> {
  const holder = createServer().listen(port, '127.0.0.1');
  try {
    await once(holder, 'listening');
    return holder;
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw inUse ? new Error(`port ${port} of 127.0.0.1 is in use`) : error;
  }
}
