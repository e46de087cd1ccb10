/** Whether anything can be at an address: the network may know at once what gRPC tries again and again. */
import { once } from 'node:events';
import { connect } from 'node:net';

const ADDRESS = /^(?<host>[\w.-]+|\[[^\]]+\]):(?<port>\d+)$/;
const PROXIES = ['grpc_proxy', 'https_proxy', 'http_proxy'];

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its host name is unknown',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
};

/**
 * Why nothing can be reached at an address; undefined when something answers, or it cannot be told soon or at all: a proxy
 * may reach what this machine does not.
 * @param address as `temporal.example:7233`
 */
export async function whyUnreachable(
  address: string,
  withinMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const { host = '', port } = ADDRESS.exec(address)?.groups ?? {};
  if (port === undefined || PROXIES.some((name) => env[name])) return undefined;
  const socket = connect({ host: host.replaceAll(/[[\]]/g, ''), port: Number(port) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(withinMs) });
    return undefined;
  } catch (error) {
    return REASONS[(error as NodeJS.ErrnoException).code ?? ''];
  } finally {
    socket.destroy();
  }
}
