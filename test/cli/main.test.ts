import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { describeExitCodes } from '../../src/cli/terminal/exit-codes.ts';
import { tuningVariable } from '../support/servers/tuning.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

function shardlift(...args: string[]) {
  // a port on which nothing listens
  const nothing = { TEMPORAL_ADDRESS: '127.0.0.1:1', SHARDLIFT_CONFIG: undefined };
  const env = { ...process.env, ...nothing, ...tuningVariable({ cli: { connectWithinMs: 500 } }) };
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env });
}

describe('shardlift', () => {
  test('--help has every command and the exit codes', () => {
    const { status, stdout } = shardlift('--help');
    expect(status).toBe(0);
    const commands = ['worker', 'migrate', 'watch', 'approve', 'reject', 'pause', 'resume', 'abort'];
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    expect(stdout).toContain(describeExitCodes());
  });

  test.each([
    ['an unknown command', ['nope'], 2, /unknown command/],
    ['no command', [], 2, /Usage/],
    ['a missing argument', ['watch'], 2, /missing required argument/],
    ['an unknown option', ['watch', 'm', '--loud'], 2, /unknown option/],
    ['a wrong input', ['migrate', '--source', 'prod/Shop'], 2, /target is missing/],
    ['no Temporal', ['watch', 'm'], 5, /cannot be reached at 127\.0\.0\.1:1: .*\n.*TEMPORAL_ADDRESS/],
  ])('with %s', (_what, args, code, words) => {
    const { status, stdout, stderr } = shardlift(...args);
    expect(stderr).toMatch(words);
    expect(stdout).toBe('');
    expect(status).toBe(code);
  });
});
