import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cutOverInput,
  defaultWorkflowId,
  type InputOptions,
  migrationInput,
  migrationSummary,
  rehearsalInput,
} from '../../../src/cli/run/input.ts';
import { CliError } from '../../../src/cli/terminal/cli-error.ts';
import { exitCodes } from '../../../src/cli/terminal/exit-codes.ts';

const PLACES = { source: 'prod/Shop', target: 'prod/ShopSharded' };

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'shardlift-cli-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function inputFile(content: unknown): string {
  const path = join(directory, 'input.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function errorOf(options: InputOptions): CliError {
  return refusalOf(() => migrationInput(options));
}

function refusalOf(act: () => unknown): CliError {
  try {
    act();
  } catch (error) {
    if (error instanceof CliError) return error;
  }
  throw new Error('expected a CliError');
}

describe('the input of a migration', () => {
  test('is short when the options are few', () => {
    expect(migrationInput({ ...PLACES, shards: '3' })).toEqual({
      source: { connection: 'prod', database: 'Shop' },
      target: { connection: 'prod', database: 'ShopSharded', shards: 3 },
    });
  });

  test('takes every option', () => {
    const options = {
      ...PLACES,
      shards: '3',
      replicationFactor: '2',
      method: 'dump',
      allowExistingData: true,
      quietFor: '2s',
      quietWithin: '30s',
      downtimeBudget: '5m',
    };
    expect(migrationInput(options)).toEqual({
      source: { connection: 'prod', database: 'Shop' },
      target: {
        connection: 'prod',
        database: 'ShopSharded',
        shards: 3,
        replicationFactor: 2,
        allowExistingData: true,
      },
      method: 'dump',
      quietFor: '2s',
      quietWithin: '30s',
      downtimeBudget: '5m',
    });
  });

  test('comes from a file, over which options are laid field by field', () => {
    const file = inputFile({
      source: { connection: 'prod', database: 'Shop' },
      target: { connection: 'prod', database: 'ShopSharded', shards: 3 },
      quietFor: '2s',
    });
    expect(migrationInput({ inputFile: file, shards: '5', quietFor: '9s' })).toEqual({
      source: { connection: 'prod', database: 'Shop' },
      target: { connection: 'prod', database: 'ShopSharded', shards: 5 },
      quietFor: '9s',
    });
    expect(migrationInput({ inputFile: file, target: 'stage/Copy' }).target).toEqual({
      connection: 'stage',
      database: 'Copy',
      shards: 3,
    });
  });

  test.each<[string, InputOptions, RegExp]>([
    ['nothing', {}, /source is missing .* target is missing/],
    ['a place without a slash', { ...PLACES, source: 'Shop' }, /--source must be <connection>\/<database>/],
    ['a place without a database', { ...PLACES, target: 'prod/' }, /--target must be/],
    ['no number', { ...PLACES, shards: 'three' }, /target\.shards must be of type/],
    ['an empty number', { ...PLACES, shards: '' }, /target\.shards must be of type/],
    ['no duration', { ...PLACES, quietFor: 'soon' }, /quietFor must be a duration/],
    [
      'the same database',
      { source: 'prod/Shop', target: 'prod/Shop' },
      /a different database from the source/,
    ],
    ['an unknown method', { ...PLACES, method: 'magic' }, /method must be one of "stream", "dump"/],
    ['a file that is not there', { inputFile: '/nowhere.json' }, /cannot be read \(ENOENT\)/],
  ])('is refused: %s', (_what, options, sentence) => {
    const error = errorOf(options);
    expect(error.message).toMatch(sentence);
    expect(error.exitCode).toBe(exitCodes.usage);
  });

  test.each([
    ['text', 'no json', /is not JSON/],
    ['a list', [], /must hold a JSON object/],
    ['a misspelt field', { sourc: 1 }, /sourc is not a field/],
  ])('is refused in a file: %s', (_what, content, sentence) => {
    expect(errorOf({ inputFile: inputFile(content) }).message).toMatch(sentence);
  });
});

describe('what a migration is called', () => {
  const input = migrationInput({ ...PLACES, shards: '3' });

  test('names both databases', () => {
    expect(defaultWorkflowId('migrate', input)).toBe('migrate-Shop-to-ShopSharded');
    expect(migrationSummary(input)).toBe('Shop -> ShopSharded, 3 shards');
    expect(migrationSummary(migrationInput({ ...PLACES, shards: '1' }))).toBe('Shop -> ShopSharded, 1 shard');
    expect(migrationSummary(migrationInput(PLACES))).toBe('Shop -> ShopSharded');
  });
});

describe('the input of a cutover alone', () => {
  const FILLED = { source: 'prod/Shop', target: 'prod/ShopCopy' };

  test('has what its options say, laid over a file', () => {
    const file = { source: { connection: 'old', database: 'Shop' }, quietFor: '1s', hooks: {} };
    const { source: _, ...others } = FILLED;
    expect(
      cutOverInput({ ...others, inputFile: inputFile(file), freeze: 'quiet', downtimeBudget: '20s' }),
    ).toEqual({
      source: file.source,
      target: { connection: 'prod', database: 'ShopCopy' },
      hooks: {},
      freeze: 'quiet',
      quietFor: '1s',
      downtimeBudget: '20s',
    });
    expect(rehearsalInput({ ...FILLED, within: '10s', maxItemsPerSecond: '50' })).toMatchObject({
      within: '10s',
      maxItemsPerSecond: 50,
    });
  });

  test.each<[string, () => unknown, RegExp]>([
    ['without a target', () => cutOverInput({ source: 'prod/Shop' }), /target is missing/],
    [
      'with a time that only a rehearsal has',
      () => cutOverInput({ ...FILLED, within: '9s' }),
      /within is not a field/,
    ],
    [
      'with a freeze for a rehearsal',
      () => rehearsalInput({ ...FILLED, freeze: 'quiet' }),
      /freeze is not a field/,
    ],
  ])('is refused %s', (_what, act, sentence) => {
    const error = refusalOf(act);
    expect(error.message).toMatch(sentence);
    expect(error.hint).toContain('cut-over --source prod/Shop --target prod/ShopCopy');
    expect(error.exitCode).toBe(exitCodes.usage);
  });
});
