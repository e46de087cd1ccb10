import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeExitCodes } from '../../src/cli/terminal/exit-codes.ts';
import { tuningVariable } from '../support/servers/tuning.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardlift-main-'));
  writeFileSync(join(folder, 'broken.yaml'), 'connections: [');
  writeFileSync(join(folder, 'unknown.yaml'), 'connection: {}');
  writeFileSync(join(folder, 'text.json'), '"text"');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs it in the folder, with a Temporal on whose port nothing listens; waiting for it would take longer than a test may. */
async function shardlift(args: string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const nothing = { TEMPORAL_ADDRESS: '127.0.0.1:1', SHARDLIFT_CONFIG: undefined };
  const patient = tuningVariable({ cli: { connectWithinMs: 600_000 } });
  const env = { ...process.env, ...nothing, ...patient, ...more };
  return await new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env, cwd: folder }, (error, stdout, stderr) => {
      const status = typeof error?.code === 'number' ? error.code : 0;
      resolve({ status, stdout, stderr });
    });
  });
}

test('--help has every command and the exit codes', async () => {
  const { status, stdout } = await shardlift(['--help']);
  expect(status).toBe(0);
  const commands = ['init', 'worker', 'migrate', 'watch', 'approve', 'reject', 'pause', 'resume', 'abort'];
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
  expect(stdout).toContain(describeExitCodes());
});

test('who reads only the first lines gets no trace of the program', async () => {
  const child = spawn(process.execPath, [MAIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  expect(await text(child.stderr)).toBe('');
});

const SIDES = ['--source', 'prod/Shop', '--target', 'prod/ShopSharded'];

// each is a process of its own, and the machine may be busy
describe('a mistake is told in a sentence, with the way out, by its exit code and at once', {
  timeout: 60_000,
}, () => {
  // what is said, word for word where it is ours
  test.concurrent.each<[string, string[], number, string | RegExp, NodeJS.ProcessEnv?]>([
    [
      'a place without a database',
      ['migrate', '--source', 'Shop'],
      2,
      'Error: --source must be <connection>/<database>, not "Shop".\n' +
        'A connection is a name in the worker\'s configuration, such as "prod" in --source prod/Shop.\n',
    ],
    [
      'a missing field',
      ['migrate', '--source', 'prod/Shop'],
      2,
      /target is missing .*\nTry: shardlift migrate --source/,
    ],
    [
      'a number that is none',
      ['migrate', ...SIDES, '--shards', 'three'],
      2,
      /target\.shards must be of type .*\nTry: /,
    ],
    ['a duration that is none', ['migrate', ...SIDES, '--quiet-for', 'soon'], 2, /quietFor .*\nTry: /],
    [
      'the same database twice',
      ['plan', ...SIDES, '--target', 'prod/Shop'],
      2,
      /must be a different database/,
    ],
    ['neither dump nor backup', ['import', '--target', 'prod/Shop'], 2, /needs either --dump or --backup/],
    [
      'a limit that is none',
      ['throttle', 'm', '--max-items-per-second', 'x'],
      2,
      /maxItemsPerSecond must be .*\nTo see/,
    ],
    [
      'a time that is none',
      ['rehearse', 'm', '--within', 'soon'],
      2,
      /within .*\nTo see what it takes: shardlift rehearse --help/,
    ],
    [
      'a schedule without a time',
      ['schedule', 'create', 'verify', ...SIDES, '--id', 'nightly'],
      2,
      'Error: A schedule needs either --every or --cron.\nTry: --every 1h\n',
    ],
    [
      'a count that is none',
      ['list', '--limit', 'all'],
      2,
      'Error: --limit must be a whole number above 0, not "all".\n',
    ],
    [
      'an input file that is missing',
      ['migrate', '--input-file', 'nowhere.json'],
      2,
      'Error: The file nowhere.json of --input-file cannot be read (ENOENT).\n',
    ],
    [
      'an input file that holds something else',
      ['migrate', '--input-file', 'text.json'],
      2,
      'Error: The file text.json of --input-file must hold a JSON object.\n',
    ],
    [
      'a configuration that is missing',
      ['list'],
      2,
      /nowhere\.yaml \(from SHARDLIFT_CONFIG\) does not exist/,
      { SHARDLIFT_CONFIG: 'nowhere.yaml' },
    ],
    [
      'a configuration that is not YAML',
      ['config'],
      2,
      /broken\.yaml is not YAML: \w+ at line \d/,
      { SHARDLIFT_CONFIG: 'broken.yaml' },
    ],
    [
      'a configuration with an unknown key',
      ['doctor'],
      2,
      /unknown\.yaml: the file: .*"connection"/,
      { SHARDLIFT_CONFIG: 'unknown.yaml' },
    ],
    [
      'a variable that is no address',
      ['config'],
      2,
      /Connection "prod": urls\.0: must be an address .* SHARDLIFT_CONNECTION_PROD_URLS/,
      { SHARDLIFT_CONNECTION_PROD_URLS: 'raven' },
    ],
    ['evidence that is not there', ['evidence', 'verify', 'nowhere'], 6, ''],
    [
      'a Temporal that is not there',
      ['watch', 'm'],
      5,
      /cannot be reached at 127\.0\.0\.1:1: nothing listens there\.\nSet TEMPORAL_ADDRESS/,
    ],
    ['no Temporal for a worker', ['worker'], 5, /nothing listens there\.\nSet TEMPORAL_ADDRESS/],
    [
      'a host that is not there',
      ['list'],
      5,
      /its host name is unknown\.\nSet TEMPORAL_ADDRESS/,
      { TEMPORAL_ADDRESS: 'nowhere.invalid:7233' },
    ],
    [
      'a profile that is not there',
      ['list'],
      2,
      /Profile 'nowhere' not found .*\nLook at TEMPORAL_PROFILE/,
      { TEMPORAL_PROFILE: 'nowhere' },
    ],
    [
      'a certificate that is not there',
      ['list'],
      2,
      /Temporal's configuration cannot be used: ENOENT/,
      { TEMPORAL_TLS_CLIENT_CERT_PATH: 'nowhere.pem' },
    ],
  ])('%s', async (_what, args, code, words, env = {}) => {
    const { status, stderr } = await shardlift(args, env);
    if (typeof words === 'string') expect(stderr).toBe(words);
    else expect(stderr).toMatch(words);
    expect(status).toBe(code);
  });
});

test('nothing is coloured in a pipe', async () => {
  const plain = { FORCE_COLOR: undefined, NO_COLOR: undefined };
  const shown = await Promise.all([shardlift(['config'], plain), shardlift(['list'], plain)]);
  expect(shown.map(({ stdout, stderr }) => stdout + stderr).join('')).not.toContain('\u001b');
});
