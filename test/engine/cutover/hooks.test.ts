import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HookSettings } from '../../../src/config/hooks.ts';
import { failures } from '../../../src/core/contract/failures.ts';
import type { HookCall } from '../../../src/core/cutover/hooks.ts';
import { runHook } from '../../../src/engine/cutover/hooks.ts';
import { checkHooks } from '../../../src/engine/work/check-hooks.ts';
import type { Work } from '../../../src/engine/work/work.ts';

const CALL: HookCall = {
  hook: 'tell',
  moment: 'afterSwitch',
  direction: 'forward',
  from: { connection: 'prod', database: 'Shop' },
  to: { connection: 'prod', database: 'ShopSharded' },
};
const FACTS = { ...CALL, workflowId: 'migrate-shop', urls: { from: ['http://a'], to: ['http://a'] } };

function workWith(hooks: Record<string, HookSettings>, signal = new AbortController().signal): Work {
  const config = { hooks, connections: { prod: { urls: ['http://a'] } } };
  return { config, workflowId: 'migrate-shop', signal } as unknown as Work;
}

function node(program: string, timeout = '10s'): HookSettings {
  return { command: [process.execPath, '--eval', program], timeout };
}

const run = (tell: HookSettings, signal?: AbortSignal) => runHook(workWith({ tell }, signal), CALL);

describe('a program', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shardlift-hooks-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('gets the facts as JSON', async () => {
    const file = join(directory, 'facts.json');
    await run(node(`process.stdin.pipe(require('node:fs').createWriteStream(${JSON.stringify(file)}))`));
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      ...FACTS,
      at: expect.stringMatching(/^\d{4}-.+Z$/),
    });
  });

  test('that reads nothing is fine', () => run(node('process.exit(0)')));

  test.each([
    [
      'fails',
      'console.error("no rights"); process.exit(1)',
      failures.hookFailed,
      true,
      /exit code 1.*no rights/,
    ],
    ['vetoes', 'process.exit(3)', failures.hookVetoed, false, /"tell" \(afterSwitch\) vetoed/],
  ])('%s by its exit code', async (_how, program, kind, retryable, message) => {
    await expect(run(node(program))).rejects.toMatchObject({
      kind,
      retryable,
      message: expect.stringMatching(message),
    });
  });

  test('that does not exist fails', async () => {
    await expect(run({ command: ['/nowhere/at-all'], timeout: '5s' })).rejects.toMatchObject({
      kind: failures.hookFailed,
      message: expect.stringContaining('ENOENT'),
    });
  });

  test('that hangs is ended after its timeout', async () => {
    await expect(run(node('setInterval(() => {}, 1000)', '300ms'))).rejects.toMatchObject({
      kind: failures.hookFailed,
      message: expect.stringContaining('longer than 300ms'),
    });
  });

  test('is ended with the work', async () => {
    const ending = new AbortController();
    const hanging = run(node('setInterval(() => {}, 1000)'), ending.signal);
    ending.abort(new Error('the end'));
    await expect(hanging).rejects.toThrow('the end');
  });
});

describe('a call over HTTP', () => {
  let server: Server;
  let url: string;
  let status: number;
  let got: { body: string; signature: string | undefined }[];

  beforeAll(async () => {
    server = createServer(async (request, answer) => {
      got.push({
        body: await text(request),
        signature: request.headers['x-shardlift-signature'] as string | undefined,
      });
      answer.writeHead(status, status === 302 ? { Location: url } : {}).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/switch?token=secret-token`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    got = [];
    status = 204;
  });

  test('is signed by its secret', async () => {
    await run({ url, secret: 'shared', timeout: '5s' });
    const [{ body, signature } = { body: '', signature: '' }] = got;
    expect(JSON.parse(body)).toMatchObject(FACTS);
    expect(signature).toBe(`sha256=${createHmac('sha256', 'shared').update(body).digest('hex')}`);
  });

  test('without a secret is not', async () => {
    await run({ url, timeout: '5s' });
    expect(got).toMatchObject([{ signature: undefined }]);
  });

  test.each([
    [500, failures.hookFailed, true],
    [302, failures.hookFailed, true],
    [409, failures.hookVetoed, false],
    [403, failures.hookVetoed, false],
  ])('that is answered with %i does not let the switch go on', async (answered, kind, retryable) => {
    status = answered;
    const error = await run({ url, timeout: '5s' }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ kind, retryable });
    expect((error as Error).message).not.toContain('secret-token');
  });

  test('that reaches nobody fails without its address', async () => {
    const error = await run({ url: 'http://127.0.0.1:9/?token=secret-token', timeout: '5s' }).catch(
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ kind: failures.hookFailed });
    expect((error as Error).message).not.toContain('secret-token');
  });
});

test('a hook that the worker does not have fails, and the plan says so before', async () => {
  await expect(runHook(workWith({}), CALL)).rejects.toMatchObject({ kind: failures.hookFailed });
  const work = workWith({ known: node('') });
  expect(checkHooks(work, [])).toEqual([]);
  expect(checkHooks(work, ['known'])).toMatchObject([{ status: 'ok' }]);
  expect(checkHooks(work, ['known', 'other'])).toMatchObject([
    { status: 'blocker', message: expect.stringContaining('no hook "other"') },
  ]);
});
