import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts } from '../../../dev/servers/ports.ts';

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
