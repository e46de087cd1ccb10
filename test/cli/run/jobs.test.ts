import { describe, expect, test } from 'vitest';
import { exportJob, importJob, planJob, syncJob, verifyJob } from '../../../src/cli/run/jobs.ts';

const places = { source: 'prod/Shop', target: 'other/Copy' };
const sides = {
  source: { connection: 'prod', database: 'Shop' },
  target: { connection: 'other', database: 'Copy' },
};

describe('a plan', () => {
  test('takes the options of a migration', () => {
    expect(planJob({ ...places, shards: '3' })).toEqual({
      type: 'planMigration',
      input: { ...sides, target: { ...sides.target, shards: 3 } },
      summary: 'Shop -> Copy, 3 shards',
      workflowId: 'plan-Shop-to-Copy',
    });
  });
});

describe('a comparison', () => {
  test('takes every option', () => {
    expect(verifyJob(places)).toEqual({
      type: 'verifyDatabases',
      input: sides,
      summary: 'Shop = Copy?',
      workflowId: 'verify-Shop-and-Copy',
    });
    expect(
      verifyJob({ ...places, depth: 'sample', sampleSize: '50', allowExtra: true, repair: true }).input,
    ).toEqual({ ...sides, depth: 'sample', sampleSize: 50, allowExtra: true, repair: 'ask' });
    expect(verifyJob({ ...places, maxItemsPerSecond: '500' }).input).toEqual({
      ...sides,
      maxItemsPerSecond: 500,
    });
  });

  test.each([
    [{ target: 'Shop' }, '--target must be <connection>/<database>, not "Shop".'],
    [{ target: 'prod/shop' }, 'target.database must be a different database from the source'],
    [{ sampleSize: '50' }, 'sampleSize is only for depth "sample"'],
    [{ maxItemsPerSecond: 'many' }, 'maxItemsPerSecond must be of type'],
  ])('%j is refused in one sentence', (options, problem) => {
    expect(() => verifyJob({ ...places, ...options })).toThrow(problem);
  });
});

describe('a copy', () => {
  test('takes a new target and a limit', () => {
    expect(syncJob({ ...places, shards: '2', maxItemsPerSecond: '100' })).toEqual({
      type: 'syncDatabase',
      input: { ...sides, target: { ...sides.target, shards: 2 }, maxItemsPerSecond: 100 },
      summary: 'Shop -> Copy, 2 shards',
      workflowId: 'sync-Shop-to-Copy',
    });
  });
});

describe('an export', () => {
  test('takes lists that are separated by commas', () => {
    const options = { source: 'prod/Shop', collections: 'Orders, Companies', types: 'Documents' };
    expect(exportJob({ ...options, directory: 'exports', compression: 'gzip' })).toEqual({
      type: 'exportDatabase',
      input: {
        source: sides.source,
        directory: 'exports',
        compression: 'gzip',
        types: ['Documents'],
        collections: ['Orders', 'Companies'],
      },
      summary: 'Shop -> dump',
      workflowId: 'export-Shop',
    });
    expect(() => exportJob({ source: 'prod/Shop', types: 'Docs' })).toThrow('types.0 must be one of');
  });
});

describe('an import', () => {
  const target = { target: 'other/Copy', shards: '3' };

  test('of a dump', () => {
    expect(importJob({ ...target, dump: '/dumps/Shop', host: 'one' })).toEqual({
      type: 'importDump',
      input: { dump: { path: '/dumps/Shop', host: 'one' }, target: { ...sides.target, shards: 3 } },
      summary: 'dump -> Copy',
      workflowId: 'import-into-Copy',
    });
  });

  test('of backups in a bucket', () => {
    const { type, input } = importJob({ ...target, backup: 'Shop', bucket: 'nightly', database: 'Shop' });
    expect(type).toBe('importBackup');
    expect(input).toMatchObject({ backup: { path: 'Shop', bucket: 'nightly', database: 'Shop' } });
  });

  test.each([
    [{}, 'needs either --dump or --backup'],
    [{ dump: '/a', backup: '/b' }, 'needs either --dump or --backup'],
    [{ dump: '/a', bucket: 'nightly' }, 'dump.bucket is not a field'],
    [{ backup: '/b', types: 'Documents' }, 'types is not a field'],
  ])('%j is refused in one sentence', (options, problem) => {
    expect(() => importJob({ ...target, ...options })).toThrow(problem);
  });
});
