import { describe, expect, test } from 'vitest';
import { methods, parseMigrateDatabase, withChosen } from '../../../src/core/contract/contract.ts';
import { phasesOf, phasesWithWayBack } from '../../../src/core/contract/phases.ts';
import { migrationSteps, notDone } from '../../../src/core/plan/steps.ts';

function input(fields: object = {}) {
  const parsed = parseMigrateDatabase({
    source: { connection: 'prod', database: 'Shop' },
    target: { connection: 'prod', database: 'ShopSharded', shards: 3 },
    ...fields,
  });
  if (!parsed.ok) throw new Error(parsed.problem);
  return withChosen(parsed.value, undefined);
}

function byMethod(method: string) {
  return input({ method, ...(method === 'backup' && { backup: { path: '/backups' } }) });
}

describe('the steps of a migration', () => {
  test.each(methods)('by %s are those of the runbook, each with what becomes of both sides', (method) => {
    const steps = migrationSteps(byMethod(method), false);
    expect(steps.map(({ phase }) => phase)).toEqual(phasesOf.migrateDatabase);
    for (const { does, source, target } of steps)
      for (const text of [does, source, target]) expect(text).not.toBe('');
  });

  test('behind a fence nobody has to stop writers, and the old database stays closed or opens', () => {
    const steps = migrationSteps(input({ freeze: 'fence' }), false);
    expect(steps.map(({ phase }) => phase)).toEqual(phasesWithWayBack('migrateDatabase', false));
    const without = migrationSteps(input({ freeze: 'fence', observeFor: '0s' }), false);
    expect(without.map(({ phase }) => phase)).toEqual(phasesOf.migrateDatabase);
    expect(JSON.stringify(steps)).not.toMatch(/stop every writer|Keep every writer stopped/);
    expect(steps.find(({ phase }) => phase === 'freezing')?.source).toContain('reads included');
    const last = (sourceAfterCutover: string) =>
      migrationSteps(input({ freeze: 'fence', sourceAfterCutover }), false).at(-1)?.source;
    expect(last('closed')).toContain('stays closed');
    expect(last('open')).toContain('opens again');
    const written = (more: object) => migrationSteps(input(more), false).at(-1)?.target;
    expect(written({})).toContain('shardlift/cutover');
    expect(written({ freeze: 'fence', sourceAfterCutover: 'open' })).toContain('shardlift/cutover');
    expect(written({ freeze: 'fence' })).not.toContain('shardlift/cutover');
  });

  test('the downtime lasts from the freeze to the end, and people are asked twice and at its end', () => {
    const steps = migrationSteps(input(), false);
    expect(steps.filter(({ downtime }) => downtime).map(({ phase }) => phase)).toEqual(
      phasesOf.migrateDatabase.slice(6),
    );
    expect(steps.filter(({ human }) => human).map(({ phase }) => phase)).toEqual([
      'awaiting-approval',
      'freezing',
      'completing',
    ]);
  });

  test.each(methods)('copying by %s differs from the others', (method) => {
    const copying = (each: string) => JSON.stringify(migrationSteps(byMethod(each), false)[2]);
    expect(new Set(methods.map(copying)).size).toBe(methods.length);
    const words = {
      stream: 'in pieces',
      dump: "a worker's disk",
      backup: 'backup files',
      replication: 'external replication',
    };
    expect(copying(method)).toContain(words[method]);
  });

  test('name the numbers of the input', () => {
    const limited = input({
      maxItemsPerSecond: 500,
      downtimeBudget: '3m',
      quietFor: '2s',
      quietWithin: '20s',
    });
    const text = JSON.stringify(migrationSteps(limited, false));
    for (const words of [
      '500 items a second',
      'fit into 3m',
      'source for 2s. That must begin within 20s',
      'created with 3 shards',
    ])
      expect(text).toContain(words);
    expect(JSON.stringify(migrationSteps(limited, true))).not.toContain('created');
  });

  test.each([
    ['fence', /fit into 30s/],
    ['quiet', /fit into 10m/],
  ])('a cutover by %s has a downtime of its own', (freeze, budget) => {
    expect(JSON.stringify(migrationSteps(input({ freeze }), false))).toMatch(budget);
  });

  test('what is left to people depends on the freeze', () => {
    const hooks = { stopWriters: ['stop'], startWriters: ['start'] };
    expect(notDone(input({ freeze: 'fence' })).join()).toMatch(/stays closed.*RavenDB refuses its requests/);
    expect(notDone(input({ freeze: 'fence', sourceAfterCutover: 'open' })).join()).toMatch(/left as it is/);
    expect(notDone(input({ freeze: 'hook', hooks })).join()).toMatch(
      /no writer is stopped, but by your hooks/,
    );
    expect(notDone(input({ freeze: 'quiet' })).join()).toMatch(/no writer is stopped: you have to/);
  });

  test('what is not done depends on the input', () => {
    expect(notDone(input()).join()).not.toContain('Other documents');
    const others = { connection: 'prod', database: 'ShopSharded', allowExistingData: true };
    expect(notDone(input({ target: others })).join()).toContain(
      'Other documents in "ShopSharded" are not deleted',
    );
    expect(notDone(byMethod('replication')).join()).toContain('no effect on replication');
  });
});
