/** A plain server of node:http, for what is asked of a server rather than what it answers. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';

/** Its connection, called `prod`, and how to end both. */
export interface PlainServer {
  connection: RavenConnection;
  close(): void;
}

/** Starts it on a free port of 127.0.0.1. */
export async function startPlainServer(answer: RequestListener): Promise<PlainServer> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const urls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
  const connection = RavenConnection.open('prod', { urls });
  const close = () => {
    connection.close();
    server.closeAllConnections();
    server.close();
  };
  return { connection, close };
}
