import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type InitOptions, init } from '../../../src/cli/commands/init.ts';
import { explain } from '../../../src/cli/terminal/cli-error.ts';
import { loadConfig } from '../../../src/config/config.ts';

// a port on which nothing listens
const NOWHERE = 'http://127.0.0.1:1';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardlift-init-'));
  path = join(folder, 'shardlift.yaml');
  vi.stubEnv('SHARDLIFT_CONFIG', path);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs it without a terminal. */
async function run(options: InitOptions): Promise<{ code: number; stdout: string }> {
  let stdout = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  return { code: await init(options).finally(() => write.mockRestore()), stdout };
}

async function refusal(options: InitOptions): Promise<{ message: string; exitCode: number }> {
  const { message, exitCode } = explain(await run(options).catch((error) => error));
  return { message, exitCode };
}

test('tries a connection, and writes nothing when it cannot be used', async () => {
  const { code, stdout } = await run({ connection: 'prod', url: [NOWHERE] });
  expect(stdout).toContain('✗ connection "prod"');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('Nothing listens at its address');
  expect(stdout).toContain('Nothing was written.');
  expect(code).toBe(7);
  expect(existsSync(path)).toBe(false);
});

test('writes it with --force, as a file that a worker can read; a password stays out of it', async () => {
  vi.stubEnv('SHARDLIFT_CONNECTION_PROD_CERTIFICATE_PASSWORD', 's3cret');
  const file = join(folder, 'client.pem');
  writeFileSync(file, '');
  const url = [`${NOWHERE}, http://127.0.0.1:2`, 'http://127.0.0.1:3'];
  const files = { certificate: file, ca: file };
  const options = { connection: 'prod', url, ...files, taskQueue: 'moves', force: true };
  const { stdout } = await run({ ...options, json: true });
  const checks = [{ name: 'connection "prod"', status: 'blocker', message: expect.any(String) }];
  expect(JSON.parse(stdout)).toEqual({ path, connection: 'prod', isWritten: true, checks });
  expect(loadConfig({}, folder)).toMatchObject({
    connections: { prod: { urls: [NOWHERE, 'http://127.0.0.1:2', 'http://127.0.0.1:3'], ...files } },
    taskQueue: 'moves',
  });
  expect(readFileSync(path, 'utf8')).not.toContain('s3cret');
  expect((await run(options)).stdout).toContain(
    'The password is not in it: set SHARDLIFT_CONNECTION_PROD_CERTIFICATE_PASSWORD where a worker runs.',
  );
});

test('adds to a file, keeps what is there with its comments, and replaces a connection only with --force', async () => {
  const before =
    '# ours\nconnections:\n  # the old one\n  old: { urls: [http://a.example] }\ntaskQueue: moves # ours\n';
  writeFileSync(path, before);
  await run({ connection: 'new', url: [NOWHERE], force: true });
  const text = readFileSync(path, 'utf8');
  for (const comment of ['# ours\n', '# the old one\n', 'taskQueue: moves # ours\n'])
    expect(text).toContain(comment);
  const { connections, taskQueue } = loadConfig({}, folder);
  expect(connections).toEqual({ old: { urls: ['http://a.example'] }, new: { urls: [NOWHERE] } });
  expect(taskQueue).toBe('moves');

  expect(await refusal({ connection: 'old', url: [NOWHERE] })).toEqual({
    message: `${path} has a connection "old" already: choose another name, or replace it with --force.`,
    exitCode: 2,
  });
  expect(readFileSync(path, 'utf8')).toBe(text);
  await run({ connection: 'old', url: [NOWHERE], force: true });
  expect(loadConfig({}, folder).connections.old).toEqual({ urls: [NOWHERE] });
});

test.each<[string, InitOptions, string]>([
  ['no name', { url: [NOWHERE] }, '--connection is missing, and there is no terminal to ask at.'],
  ['no address', { connection: 'prod' }, '--url is missing, and there is no terminal to ask at.'],
  ['a name with a slash', { connection: 'a/b', url: [NOWHERE] }, 'must be of letters, digits'],
  ['a wrong address', { connection: 'prod', url: ['a:8080'] }, 'urls.0: must be an address such as https://'],
  [
    'a missing certificate',
    { connection: 'prod', url: [NOWHERE], certificate: 'nowhere.pfx' },
    'The file nowhere.pfx does not exist.',
  ],
])('refuses %s in a sentence', async (_what, options, sentence) => {
  const { message, exitCode } = await refusal(options);
  expect(message).toContain(sentence);
  expect(exitCode).toBe(2);
  expect(existsSync(path)).toBe(false);
});

test('refuses to touch a file that cannot be used', async () => {
  writeFileSync(path, 'connections: 7');
  const { message, exitCode } = await refusal({ connection: 'prod', url: [NOWHERE] });
  expect(message).toContain(`The configuration file ${path}: connections: `);
  expect(exitCode).toBe(2);
  expect(readFileSync(path, 'utf8')).toBe('connections: 7');
});

test('says where the file cannot be written', async () => {
  vi.stubEnv('SHARDLIFT_CONFIG', join(folder, 'nowhere/shardlift.yaml'));
  const { message } = await refusal({ connection: 'prod', url: [NOWHERE], force: true });
  expect(message).toContain('shardlift.yaml cannot be written (ENOENT).');
});
