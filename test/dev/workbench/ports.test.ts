import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { portsIn } from '../../../dev/workbench/ports.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shardlift-ports-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('the ports of a workbench stay the same', async () => {
  const ports = await portsIn(directory);
  expect(new Set(Object.values(ports)).size).toBe(3);
  expect(await portsIn(directory)).toEqual(ports);
});

test('a port of an earlier start that is taken now is named, with the way out', async () => {
  const { ravendb } = await portsIn(directory);
  const taking = createServer();
  await new Promise<void>((resolve) => taking.listen(ravendb, '127.0.0.1', resolve));
  await expect(portsIn(directory)).rejects.toMatchObject({
    message: `port ${ravendb} of 127.0.0.1 is in use.`,
    hint: expect.stringContaining(directory),
  });
  await new Promise((resolve) => taking.close(resolve));
});
