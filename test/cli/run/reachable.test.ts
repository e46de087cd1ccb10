import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { whyUnreachable } from '../../../src/cli/run/reachable.ts';

test.each([
  ['127.0.0.1:1', 'nothing listens there'],
  ['localhost:1', 'nothing listens there'],
  ['[::1]:1', /nothing listens there|cannot be reached/],
  ['nowhere.invalid:7233', 'its host name is unknown'],
])('of %s it is known at once why it cannot be reached', async (address, why) => {
  const startedAt = Date.now();
  expect(await whyUnreachable(address, 5_000, {})).toMatch(why);
  expect(Date.now() - startedAt).toBeLessThan(2_000);
});

test('what listens is left to gRPC, and so is what only a proxy or a resolver of gRPC knows', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await whyUnreachable(`127.0.0.1:${port}`, 5_000, {})).toBeUndefined();
  server.close();
  expect(await whyUnreachable('127.0.0.1:1', 5_000, { https_proxy: 'http://proxy:3128' })).toBeUndefined();
  expect(await whyUnreachable('dns:///127.0.0.1:1', 5_000, {})).toBeUndefined();
});
