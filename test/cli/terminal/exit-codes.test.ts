import { describe, expect, test } from 'vitest';
import { CliError, explain, Interrupted } from '../../../src/cli/terminal/cli-error.ts';
import { describeExitCodes, exitCodeOfFailure, exitCodes } from '../../../src/cli/terminal/exit-codes.ts';
import { ConfigError } from '../../../src/config/config.ts';
import { failures } from '../../../src/core/contract/failures.ts';

describe('exit codes', () => {
  test('are what scripts rely on', () => {
    expect(exitCodes).toEqual({
      ok: 0,
      failed: 1,
      usage: 2,
      ended: 3,
      refused: 4,
      unreachable: 5,
      different: 6,
      blocked: 7,
      interrupted: 130,
    });
  });

  test('are all explained', () => {
    const lines = describeExitCodes().split('\n');
    expect(lines.map((line) => line.trim().split(/\s+/)[0])).toEqual([
      'Exit',
      ...Object.values(exitCodes).map(String),
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test.each([
    [failures.rejected, 3],
    [failures.aborted, 3],
    [failures.planBlocked, 1],
    [failures.runFailed, 1],
    [undefined, 1],
  ])('of a migration that ended with %s: %d', (type, code) => {
    expect(exitCodeOfFailure(type)).toBe(code);
  });
});

describe('an error', () => {
  const named = (name: string, message: string, cause?: Error) =>
    Object.assign(new Error(message, { cause }), { name });

  test.each<[string, unknown, number, string]>([
    ['of ours', new CliError('No.', 'Do this.', exitCodes.refused), 4, 'No.'],
    ['that is Ctrl-C', new Interrupted(), 130, ''],
    ['of the configuration', new ConfigError('The file is not YAML.'), 2, 'The file is not YAML.'],
    ['about the namespace', named('NamespaceNotFoundError', "Namespace not found: 'x'"), 5, 'Namespace'],
    [
      'about the namespace, as the server says it',
      Object.assign(new Error('5 NOT_FOUND'), { code: 5, details: 'Namespace x is not found.' }),
      5,
      'Namespace x is not found.',
    ],
    ['of the network', named('ServiceError', 'Failed', new Error('14 UNAVAILABLE')), 5, '14 UNAVAILABLE'],
    ['nobody expected', new TypeError('x is undefined'), 1, 'x is undefined'],
    ['that is no error', 'text', 1, 'text'],
  ])('%s exits with its code', (_what, error, exitCode, message) => {
    const explained = explain(error);
    expect(explained.exitCode).toBe(exitCode);
    expect(explained.message).toContain(message);
  });

  test('says what is missing when Temporal refuses for want of a right', () => {
    const denied = Object.assign(new Error('7 PERMISSION_DENIED: no'), { code: 7 });
    const { message, hint, exitCode } = explain(named('ServiceError', 'Failed', denied));
    expect(message).toBe('Temporal rejected the request: 7 PERMISSION_DENIED: no');
    expect(hint).toMatch(/^Set TEMPORAL_API_KEY, or /);
    expect(exitCode).toBe(5);
  });

  test('says that nobody knows when Temporal does not answer', () => {
    const late = Object.assign(new Error('4 DEADLINE_EXCEEDED: Deadline exceeded after 10.002s'), {
      code: 4,
    });
    expect(explain(named('ServiceError', 'Failed', late))).toEqual({
      message: 'Temporal did not answer in time.',
      hint: 'It may have done what was asked: look before you ask again.',
      exitCode: 5,
    });
  });
});
