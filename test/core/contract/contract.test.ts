import { describe, expect, test } from 'vitest';
import {
  migrateDatabaseSchema,
  parseDecision,
  parseMigrateDatabase,
  parseNote,
  parseRepair,
  parseReplicateDatabase,
  parseSyncDatabase,
  parseThrottle,
  type RequestName,
  requests,
} from '../../../src/core/contract/contract.ts';
import { problemOf, SHORT } from './inputs.ts';

function withTarget(target: object): object {
  return { ...SHORT, target: { ...SHORT.target, ...target } };
}

function withSource(source: object): object {
  return { ...SHORT, source: { ...SHORT.source, ...source } };
}

describe('the argument of migrateDatabase', () => {
  test('the short form gets every default', () => {
    expect(parseMigrateDatabase(SHORT)).toEqual({
      ok: true,
      value: {
        source: SHORT.source,
        target: { ...SHORT.target, replicationFactor: 1, allowExistingData: false },
        method: 'stream',
        hostGoneAfter: '5m',
        onHostGone: 'exportAgain',
        resumeEarlierRun: false,
        finalVerification: 'auto',
        freeze: 'auto',
        observeFor: '24h',
        hooks: { stopWriters: [], beforeSwitch: [], afterSwitch: [], startWriters: [] },
        sourceAfterCutover: 'closed',
        backup: null,
        encryptionKey: null,
        maxItemsPerSecond: null,
        quietFor: '5s',
        quietWithin: '1m',
        downtimeBudget: null,
        approval: { approvers: [], people: 1, expiresAfter: null, window: null },
        compareEvery: '7d',
      },
    });
  });

  test('a full form is taken as it is', () => {
    const full = {
      source: SHORT.source,
      target: { ...SHORT.target, shards: 3, replicationFactor: 2, allowExistingData: true },
      method: 'backup',
      hostGoneAfter: '1h',
      onHostGone: 'wait',
      resumeEarlierRun: true,
      finalVerification: 'changes',
      freeze: 'fence',
      observeFor: '2h',
      hooks: { stopWriters: ['stop'], beforeSwitch: ['ask'], afterSwitch: ['tell'], startWriters: ['start'] },
      sourceAfterCutover: 'open',
      backup: { path: '/backups', host: 'one', bucket: null, database: 'Shop', upTo: '2026-11-24T18:00:00Z' },
      encryptionKey: 'vault',
      maxItemsPerSecond: 500,
      quietFor: '500ms',
      quietWithin: '30s',
      downtimeBudget: '1h',
      approval: {
        approvers: ['ann', 'bob'],
        people: 2,
        expiresAfter: '8h',
        window: { from: '22:00', to: '04:00', days: ['Sat'] },
      },
      compareEvery: '1d',
    };
    expect(parseMigrateDatabase(full)).toEqual({ ok: true, value: full });
  });

  test('checking a checked input again changes nothing', () => {
    const once = migrateDatabaseSchema.parse(SHORT);
    expect(parseMigrateDatabase(once)).toEqual({ ok: true, value: once });
  });

  test('names lose the space around them', () => {
    const parsed = parseMigrateDatabase(withSource({ connection: ' prod ', database: 'shop\n' }));
    expect(parsed).toMatchObject({ value: { source: SHORT.source } });
  });

  test.each([undefined, null, 'shop', 42, true, []])('%j is refused in one sentence', (input) => {
    expect(problemOf(input)).toMatch(
      /^Invalid input of migrateDatabase: the input (is missing \(type object\)|must be of type object)\.$/,
    );
  });

  test('the same database on the same connection is no target', () => {
    expect(problemOf(withTarget(SHORT.source))).toBe(
      'Invalid input of migrateDatabase: target.database must be a different database from the source.',
    );
  });

  // RavenDB does not tell database names apart by case
  test('the same database in other letters is no target either', () => {
    expect(problemOf(withTarget({ connection: 'prod', database: 'SHOP' }))).toContain('target.database');
  });

  test('one database name on two connections, and two on one, are fine', () => {
    expect(parseMigrateDatabase(SHORT).ok).toBe(true);
    expect(parseMigrateDatabase(withTarget({ connection: 'prod', database: 'shop-sharded' })).ok).toBe(true);
  });

  test.each([
    [{ maxItemsPerSecond: 100 }, true],
    [{ maxItemsPerSecond: null, by: 'ann', note: 'night' }, true],
    [{ maxItemsPerSecond: 0 }, false],
    [{ by: 'ann' }, false],
    [undefined, false],
  ])('a throttle of %j', (payload, ok) => {
    const parsed = parseThrottle('throttle', payload);
    expect(parsed.ok).toBe(ok);
    if (!parsed.ok) expect(parsed.problem).toContain('Invalid input of throttle: maxItemsPerSecond ');
  });

  test('every field at fault is named in one sentence', () => {
    const problem = problemOf({
      source: { connection: '', database: 'shop$0' },
      target: { connection: 7, shards: 0 },
      method: 'copy',
      quietFor: 'soon',
      extra: true,
    });
    expect(problem.match(/Invalid input/g)).toHaveLength(1);
    expect(problem.split('\n')).toHaveLength(1);
    const fields = 'source.connection source.database target.connection target.database target.shards method';
    for (const field of [...fields.split(' '), 'quietFor', 'extra']) {
      expect(problem).toMatch(new RegExp(`[:;] ${field.replace('.', '\\.')} (must|is)`));
    }
  });

  test('hooks that stop the writers must start them again', () => {
    const hooks = { stopWriters: ['stop'], startWriters: ['start'] };
    expect(parseMigrateDatabase({ ...SHORT, freeze: 'hook', hooks }).ok).toBe(true);
    expect(
      parseMigrateDatabase({ ...SHORT, freeze: 'hook', hooks: { stopWriters: ['stop'] } }),
    ).toMatchObject({
      problem: expect.stringContaining('hooks must name stopWriters and startWriters'),
    });
  });
});

describe('the downtime', () => {
  test.each([
    ['5s', '5s', false],
    ['11m', '10m', false],
    ['5s', '5001ms', true],
    ['9m', null, true],
    ['10m', null, false],
    // each is told by itself
    ['soon', '5s', false],
  ])('must be quiet for %s, within %s: %s', (quietFor, downtimeBudget, ok) => {
    const parsed = parseMigrateDatabase({ ...SHORT, quietFor, downtimeBudget });
    expect(parsed.ok).toBe(ok);
    const longer = 'downtimeBudget must be longer than quietFor, which is part of it';
    if (!parsed.ok) expect(parsed.problem.includes(longer)).toBe(quietFor !== 'soon');
    if (quietFor !== 'soon')
      expect(parseReplicateDatabase({ ...SHORT, quietFor, downtimeBudget }).ok).toBe(ok);
  });
});

describe('the argument of syncDatabase', () => {
  test('is places and a speed, and copies as a migration with the same does', () => {
    const input = { ...SHORT, maxItemsPerSecond: 100 };
    const migration = parseMigrateDatabase(input);
    expect(migration.ok).toBe(true);
    expect(parseSyncDatabase(input)).toEqual(migration);
  });

  test('has nothing of a cutover, and its problems bear its name', () => {
    expect(parseSyncDatabase({ ...SHORT, quietFor: '5s' })).toEqual({
      ok: false,
      problem:
        'Invalid input of syncDatabase: quietFor is not a field (known here: source, target, maxItemsPerSecond).',
    });
    expect(parseSyncDatabase({ ...SHORT, target: SHORT.source })).toMatchObject({
      problem: expect.stringContaining('target.database must be a different database from the source'),
    });
  });
});

describe('the argument of replicateDatabase', () => {
  test('is that of migrateDatabase without the method, and does the same', () => {
    const migration = parseMigrateDatabase({ ...SHORT, method: 'replication' });
    expect(migration.ok).toBe(true);
    expect(parseReplicateDatabase(SHORT)).toEqual(migration);
  });

  test('has no method, and its problems bear its name', () => {
    const parsed = parseReplicateDatabase({ ...SHORT, method: 'replication' });
    expect(parsed).toEqual({
      ok: false,
      problem: expect.stringMatching(
        /^Invalid input of replicateDatabase: method is not a field \(known here: source, /,
      ),
    });
    const same = { ...SHORT, target: SHORT.source };
    expect(parseReplicateDatabase(same)).toMatchObject({
      problem: expect.stringContaining('target.database must be a different database from the source'),
    });
  });

  test('allows nothing that is on the target to stay: that is empty', () => {
    const input = withTarget({ allowExistingData: true });
    const parsed = [parseReplicateDatabase(input), parseMigrateDatabase({ ...input, method: 'replication' })];
    for (const each of parsed)
      expect(each).toMatchObject({ value: { target: { allowExistingData: false } } });
    expect(parseMigrateDatabase(input)).toMatchObject({ value: { target: { allowExistingData: true } } });
  });
});

describe('a field at fault is named with the way out', () => {
  test.each<[string, object, string]>([
    ['no source', { target: SHORT.target }, 'source is missing (type object)'],
    ['no target', { source: SHORT.source }, 'target is missing (type object)'],
    ['no database', { ...SHORT, source: { connection: 'prod' } }, 'source.database is missing (type string)'],
    ['an empty name', withSource({ connection: '' }), 'source.connection must not be empty'],
    ['a blank name', withTarget({ database: '  ' }), 'target.database must not be empty'],
    ['a number as name', withSource({ database: 5 }), 'source.database must be of type string'],
    ['null as name', withTarget({ connection: null }), 'target.connection must be of type string'],
    ['a shard', withSource({ database: 'a$0' }), 'source.database must not contain "$": that names a shard'],
    ['a shard', withTarget({ database: '$' }), 'target.database must not contain "$": that names a shard'],
    ['no shards', withTarget({ shards: 0 }), 'target.shards must be at least 1'],
    ['too many shards', withTarget({ shards: 101 }), 'target.shards must be at most 100'],
    ['half a shard', withTarget({ shards: 1.5 }), 'target.shards must be of type integer'],
    ['shards as text', withTarget({ shards: '3' }), 'target.shards must be of type number'],
    ['no copies', withTarget({ replicationFactor: 0 }), 'target.replicationFactor must be at least 1'],
    ['many copies', withTarget({ replicationFactor: 101 }), 'target.replicationFactor must be at most 100'],
    ['text', withTarget({ allowExistingData: 'yes' }), 'target.allowExistingData must be of type boolean'],
    [
      'a method',
      { ...SHORT, method: 'copy' },
      'method must be one of "stream", "dump", "backup", "replication"',
    ],
    ['no files', { ...SHORT, method: 'backup' }, 'backup is missing: say where the files are'],
    ['files', { ...SHORT, backup: { path: '/backups' } }, 'backup is only for method "backup"'],
    [
      'a host',
      { ...SHORT, method: 'backup', backup: { path: 'x', bucket: 'b', host: 'h' } },
      'backup.host is only for folders of a worker',
    ],
    [
      'a time',
      { ...SHORT, method: 'backup', backup: { path: 'x', upTo: 'now' } },
      'backup.upTo must be a time such as',
    ],
    ['a duration', { ...SHORT, hostGoneAfter: 'soon' }, 'hostGoneAfter must be a duration'],
    [
      'a depth',
      { ...SHORT, finalVerification: 'none' },
      'finalVerification must be one of "auto", "full", "changes"',
    ],
    ['a word', { ...SHORT, onHostGone: 'ask' }, 'onHostGone must be one of "exportAgain", "wait"'],
    ['null', { ...SHORT, method: null }, 'method must be one of "stream", "dump"'],
    ['a field', { ...SHORT, shards: 3 }, 'shards is not a field (known here: source, target, method'],
    ['a field', withSource({ url: 'x' }), 'source.url is not a field (known here: connection, database)'],
    [
      'a field',
      withTarget({ shard: 3 }),
      'target.shard is not a field (known here: connection, database, shar',
    ],
  ])('%s: %j', (_case, input, sentence) => {
    expect(problemOf(input)).toContain(`Invalid input of migrateDatabase: ${sentence}`);
  });

  test.each(['quietFor', 'quietWithin', 'downtimeBudget'])('%s must be a duration', (field) => {
    for (const bad of ['', '5', 'soon', '-5s', '5 parsecs', '5s5s']) {
      expect(problemOf({ ...SHORT, [field]: bad })).toBe(
        `Invalid input of migrateDatabase: ${field} must be a duration such as "500ms", "30s" or "10m".`,
      );
    }
    expect(problemOf({ ...SHORT, [field]: 5 })).toContain(`${field} must be of type string`);
  });
});

describe('the payload of approveCutover and rejectCutover', () => {
  test('names who decides; a note may follow', () => {
    expect(parseDecision(requests.approve, { by: ' Ann ' })).toEqual({
      ok: true,
      value: { by: 'Ann', note: '' },
    });
    expect(parseDecision(requests.reject, { by: 'Ann', note: 'not today' })).toEqual({
      ok: true,
      value: { by: 'Ann', note: 'not today' },
    });
  });

  test.each<[unknown, string]>([
    [undefined, 'the input is missing (type object)'],
    [null, 'the input must be of type object'],
    ['Ann', 'the input must be of type object'],
    [{}, 'by is missing (type string)'],
    [{ by: ' ' }, 'by must name the person who decides'],
    [{ by: 5 }, 'by must be of type string'],
    [{ by: 'Ann', why: 'x' }, 'why is not a field (known here: by, note)'],
  ])('%j is refused', (payload, sentence) => {
    expect(parseDecision(requests.approve, payload)).toEqual({
      ok: false,
      problem: `Invalid input of approveCutover: ${sentence}.`,
    });
  });
});

test('the payload of repair may ask for a dry run', () => {
  const by = { by: 'Ann', note: '' };
  expect(parseRepair(requests.repair, { by: 'Ann' })).toEqual({ ok: true, value: { ...by, dryRun: false } });
  expect(parseRepair(requests.repair, { by: 'Ann', dryRun: true })).toEqual({
    ok: true,
    value: { ...by, dryRun: true },
  });
  expect(parseRepair(requests.repair, { by: 'Ann', dryRun: 'yes' })).toMatchObject({ ok: false });
  expect(parseRepair(requests.repair, { dryRun: true })).toMatchObject({ ok: false });
});

describe.each<RequestName>([requests.pause, requests.resume, requests.abort])(
  'the payload of %s',
  (request) => {
    test.each([undefined, null, {}])('may be absent: %j', (payload) => {
      expect(parseNote(request, payload)).toEqual({ ok: true, value: { by: '', note: '' } });
    });

    test('may say who and why', () => {
      const note = { by: 'Ann', note: 'backup first' };
      expect(parseNote(request, note)).toEqual({ ok: true, value: note });
    });

    test.each<[unknown, string]>([
      ['Ann', 'the input must be of type object'],
      [[], 'the input must be of type object'],
      [{ by: 1 }, 'by must be of type string'],
      [{ who: 'Ann' }, 'who is not a field (known here: by, note)'],
    ])('%j is refused', (payload, sentence) => {
      expect(parseNote(request, payload)).toEqual({
        ok: false,
        problem: `Invalid input of ${request}: ${sentence}.`,
      });
    });
  },
);
