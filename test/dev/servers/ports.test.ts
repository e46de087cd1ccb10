import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts, onFreePorts } from '../../../dev/servers/ports.ts';

test('ports differ, can be had again, and one that is in use is refused', async () => {
  const ports = await freePorts(undefined, undefined);
  expect(new Set(ports).size).toBe(2);
  for (const port of ports) expect(port).toBeLessThan(32_768);
  expect(await freePorts(ports[0], ports[1])).toEqual(ports);

  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await expect(freePorts(undefined, port)).rejects.toThrow(`port ${port} of 127.0.0.1 is in use`);
  taken.close();
});

test('a server whose port was taken before it started is started on another one', async () => {
  const tried: number[][] = [];
  const started = await onFreePorts([undefined, undefined], async (ports) => {
    tried.push(ports);
    if (tried.length < 3) throw new Error('System.Net.Sockets.SocketException (98): Address already in use');
    return ports;
  });
  expect(tried).toHaveLength(3);
  expect(started).toEqual(tried[2]);
  expect(new Set(tried.flat()).size).toBe(6);
});

test.each([
  ['Address already in use', 3],
  ['it exited with code 1', 1],
])('a server that ends with "%s" is started %i times', async (message, times) => {
  let started = 0;
  const start = async () => {
    started++;
    throw new Error(message);
  };
  await expect(onFreePorts([undefined], start)).rejects.toThrow(message);
  expect(started).toBe(times);
});
