import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Application } from '../../support/data/application.ts';
import { moment } from '../../support/data/everything-numbers.ts';
import { sharedEverything } from '../../support/data/shared-everything.ts';
import { collectionOf, victim } from '../../support/data/victims.ts';
import { differences } from '../../support/oracle/compare.ts';
import { copyIntoOneShard } from '../../support/oracle/plain-copy.ts';
import { Stack } from '../../support/servers/stack.ts';
import { TamperingProxy } from '../../support/servers/tampering-proxy.ts';

/** What is planted on the target, and the line in which it must be found. */
const PLANTS: Record<string, (target: Application) => Promise<void>> = {
  'plain/1: missing': (target) => target.delete('plain/1'),
  'extra/1: only on the target': (target) => target.put('extra/1', '{}'),
  'plain/2: body': (target) => target.put('plain/2', plain(2, '"Number":2,"Price":2.5')),
  'plain/3: body': (target) => target.put('plain/3', plain(3, '"Price":3.50,"Number":3')),
  'plain/4: id': async (target) => {
    await target.delete('plain/4');
    await target.put('PLAIN/4', plain(4));
  },
  'plain/5: metadata': (target) =>
    target.put('plain/5', plain(5).replace('"Plain"', '"Plain","@expires":"2199-01-02T03:04:05.0000000Z"')),
  'plain/6: metadata': async (target) => {
    await target.delete('plain/6');
    await target.put('plain/6', plain(6).replace('"Plain"', '"plain"'));
  },
  'loose/1: metadata': (target) => target.attach('loose/1', 'own', 'own of loose/X'),
  'loose/2: metadata': (target) => target.detach('loose/2', 'Shared'),
  'loose/3: metadata': (target) => target.attach('loose/3', 'own', 'own of loose/3', 'text/html'),
  'loose/4: metadata': (target) => target.attach('loose/4', 'extra', ''),
  'loose/5: counters': (target) => target.increment('loose/5', { likes: 1 }),
  'counted/large: counters': (target) => target.increment('counted/large', { odd: -1 }),
  'loose/6: counters': (target) => target.deleteCounters('loose/6', ['likes']),
  'plain/7: counters': (target) => target.increment('plain/7', { likes: 0 }),
  'loose/7: time series HeartRate': (target) =>
    target.append('loose/7', 'HeartRate', [{ at: moment(0), values: [60, 0], tag: 'watches/9' }]),
  'loose/8: time series HeartRate': (target) =>
    target.append('loose/8', 'HeartRate', [{ at: moment(0), values: [60.00000000000001, 0] }]),
  'loose/9: time series HeartRate': (target) =>
    target.deleteEntries('loose/9', 'HeartRate', moment(19), moment(19)),
  'loose/10: names of time series': (target) => target.deleteEntries('loose/10', 'HeartRate'),
  'loose/11: names of time series': (target) =>
    target.append('loose/11', 'heart', [{ at: moment(0), values: [1] }]),
  'loose/12: time series INC:Downloads': (target) =>
    target.incrementSeries('loose/12', 'INC:Downloads', [{ at: moment(0), values: [1] }]),
  'kept/3: number of revisions': (target) => target.deleteRevisions('kept/3'),
  'Victims/1: number of revisions': (target) =>
    target.put('Victims/1', victim(1, 3, collectionOf('Victims/1'))),
  'kept/Deleted Ünï 😀: number of revisions': (target) => target.deleteRevisions('kept/Deleted Ünï 😀'),
  'compare exchange decimal': (target) => target.putCompareExchange('decimal', '1.5'),
  'compare exchange number': (target) => target.putCompareExchange('number', '9007199254740992'),
  'compare exchange metadata': (target) =>
    target.putCompareExchange('metadata', '{"a":1}', '{"Owner":"Ann"}'),
  'compare exchange null: missing': (target) => target.deleteCompareExchange('null'),
  'compare exchange extra: only on the target': (target) => target.putCompareExchange('extra', '1'),
  'identity victims|': (target) => target.seedIdentity('victims|', 9),
  'identity extra|: only on the target': (target) => target.nextIdentity('extra|'),
  'index Victims/Changed': (target) =>
    target.putIndexes({ Name: 'Victims/Changed', Maps: ['from d in docs.Victims select new { d.n }'] }),
  'index Victims/Deleted: missing': (target) => target.deleteIndex('Victims/Deleted'),
  'index Extra: only on the target': (target) =>
    target.putIndexes({ Name: 'Extra', Maps: ['from d in docs.Victims select new { d.n }'] }),
  'index Odd/ByA': (target) => target.setIndexLock('Odd/ByA', 'Unlock'),
  'index Regions_Count-1.0': (target) => target.setIndexPriority('Regions_Count-1.0', 'Normal'),
  'index Victims/Disabled': (target) => shard(target).setIndexState('Victims/Disabled', 'enable'),
  'setting Refresh': (target) => target.refresh(48 * 3600),
};

/** What the proxy plants: nothing else could. */
const TAMPERINGS: Record<string, { path: string; change: (body: Buffer) => Buffer }> = {
  'loose/13: attachment own': { path: 'attachments?id=loose/13&name=own', change: flipLastBit },
  // these bytes only revisions have: those that a document has, too, are read once for both
  'kept/deleted$kept/1: attachment gone of revision 0': {
    path: 'attachments?id=kept/deleted.kept/1&name=gone',
    change: flipLastBit,
  },
  'Victims/3: revision 1': {
    path: 'revisions?id=Victims/3&',
    change: (body) => Buffer.from(body.toString().replaceAll('"Version":1.50', '"Version":1.5')),
  },
  'Victims/4: revision 0': {
    path: 'revisions?id=Victims/4&',
    change: (body) => {
      const answer = JSON.parse(body.toString()) as { Results: unknown[] };
      return Buffer.from(JSON.stringify({ ...answer, Results: answer.Results.toReversed() }));
    },
  },
};

/** Looked up by itself, as every id that is not plain. */
const MISPLACED = 'odd/nothing';

describe('the comparison of a source and its copy', () => {
  let stack: Stack;
  let source: string;
  let target: string;
  let proxy: TamperingProxy;
  let tampered: RavenConnection;

  beforeAll(async () => {
    stack = await Stack.open();
    source = await sharedEverything(stack.raven);
    target = stack.databaseName('target');
    await copyIntoOneShard(stack.raven, source, target);
    const application = shard(new Application(stack.raven, target));
    // RavenDB carries definitions without the state of indexes
    for (const name of ['Victims/Disabled', 'Victims/Enabled'])
      await application.setIndexState(name, 'disable');
    proxy = await TamperingProxy.before(stack.addresses.ravendbUrl, [
      ...Object.values(TAMPERINGS).map(({ path, change }) => ({
        path: new RegExp(`/databases/${target}/${path.replaceAll('?', '\\?')}`),
        change,
      })),
      {
        path: new RegExp(`find/bucket\\?name=${target}&id=${MISPLACED}$`),
        change: () => Buffer.from('{"Bucket":1,"Shard":1}'),
      },
    ]);
    tampered = RavenConnection.open('tampered', { urls: [proxy.url] });
    return async () => {
      tampered.close();
      await proxy.close();
    };
  });
  afterAll(() => stack.close());

  test('finds none, and then each that is planted, and no other', async () => {
    expect(await differences(stack.raven, source, target)).toEqual([]);

    const application = new Application(stack.raven, target);
    for (const plant of Object.values(PLANTS)) await plant(application);
    const found = await differences(tampered, source, target);
    const wanted = [...Object.keys(PLANTS), ...Object.keys(TAMPERINGS), `${MISPLACED}: on `];
    expect(wanted.filter((line) => !found.some((each) => each.startsWith(line)))).toEqual([]);
    // a planted change may show in more than one way, yet only at what it was done to
    const touched = wanted.map((line) => line.replace(/:.*/, '').toLowerCase());
    const others = found.filter((line) => !touched.some((each) => line.toLowerCase().startsWith(each)));
    expect(others).toEqual([]);
  });
});

/** The state of an index is set shard by shard. */
function shard({ raven, database }: Application): Application {
  return new Application(raven, `${database}$0`);
}

function plain(n: number, numbers = `"Number":${n},"Price":${n}.50`): string {
  return `{${numbers},"Text":"${'x'.repeat(300)}","@metadata":{"@collection":"Plain"}}`;
}

function flipLastBit(body: Buffer): Buffer {
  const changed = Buffer.from(body);
  changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
  return changed;
}
