import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { counter, doc, feed, HERE, head, listed, Routed, stream } from './routed.ts';

let routed: Routed;

beforeEach(async () => {
  routed = await Routed.open();
});
afterEach(() => routed.close());

describe('attachments', () => {
  test('reach each shard once, before the first document that has them', async () => {
    const to = routed.router();
    feed(to, 'Docs', stream('Pic=', 4), 'by', 'te');
    feed(to, 'Docs', doc('A/1', 1, listed('Pic')));
    feed(to, 'Docs', doc('b/1', 2, listed('Pic')));
    feed(to, 'Docs', doc('a/2', 3, listed('Pic')));
    expect(await routed.sent()).toEqual([
      [
        '1 from Docs',
        [
          `Docs: ${head('a/1', 'Pic')}`,
          '<by>',
          '<te>',
          doc('A/1', 1, listed('Pic')),
          doc('b/1', 2, listed('Pic')),
        ],
      ],
      ['2 from Docs', [`Docs: ${head('a/2', 'Pic')}`, '<by>', '<te>', doc('a/2', 3, listed('Pic'))]],
    ]);
    const size = [1, 2, 3].map((etag) => doc('a/1', etag, listed('Pic')).length);
    expect(to.bytes).toBe(size.reduce((sum, each) => sum + each, 0) + 2 * 4);
    expect(to.items).toBe(3);
  });

  test('come again with the load after a cut', async () => {
    const to = routed.router();
    feed(to, 'Docs', stream('p=', 4), 'byte');
    feed(to, 'Docs', doc('a/1', 1, listed('p')));
    to.cut();
    feed(to, 'Docs', doc('b/1', 2, listed('p')));
    expect((await routed.sent())[1]).toEqual([
      '1 from Docs',
      [`Docs: ${head('b/1', 'p')}`, '<byte>', doc('b/1', 2, listed('p'))],
    ]);
  });

  test('that are kept no more are fetched when it is their turn, those of a revision by its change vector', async () => {
    const asked: unknown[] = [];
    const to = routed.router({
      fetch: (id, { Name, Hash }, revision) => {
        asked.push({ id, Name, Hash, revision });
        return Promise.resolve([Buffer.from('far')] as unknown as AsyncIterable<Buffer>);
      },
    });
    feed(to, 'Docs', doc('a/1', 1, listed('p')));
    feed(to, 'RevisionDocuments', doc('a/2', 7, listed('q')));
    expect(asked).toEqual([]);
    expect(await routed.sent()).toEqual([
      ['1 from Docs', [`Docs: ${head('a/1', 'p')}`, '<far>', doc('a/1', 1, listed('p'))]],
      [
        '2 from RevisionDocuments',
        [`RevisionDocuments: ${head('a/2', 'q')}`, '<far>', doc('a/2', 7, listed('q'))],
      ],
    ]);
    expect(asked).toEqual([
      { id: 'a/1', Name: 'p', Hash: 'p=', revision: undefined },
      { id: 'a/2', Name: 'q', Hash: 'q=', revision: `A:7-${HERE}` },
    ]);
  });

  test('that are kept again by then are not fetched', async () => {
    const to = routed.router();
    feed(to, 'Docs', doc('a/1', 1, listed('p')));
    routed.attachments.begin('p=', 4);
    routed.attachments.append(Buffer.from('back'));
    expect((await routed.sent())[0]?.[1]).toContain('<back>');
  });

  test('that the source has no longer fail the load, to be tried again', async () => {
    feed(routed.router(), 'Docs', doc('a/1', 1, listed('p')));
    const failed = await routed.sent().catch((reason: unknown) => reason);
    expect(failed).toBeInstanceOf(RavenError);
    expect(failed).toMatchObject({ kind: 'AttachmentChanged', retryable: true });
    expect(`${failed}`).toContain('"p" of "a/1"');
  });

  test('in what is no document are none', async () => {
    const to = routed.router();
    const group = counter('a/1', 1, `{"likes":[1,2]},${listed('p')}"x":{}`);
    feed(to, 'CounterGroups', group);
    expect(await routed.sent()).toEqual([['1 from CounterGroups', [`CounterGroups: ${group}`]]]);
  });

  test('are kept though the dump is taken from a later item on', async () => {
    const to = routed.router({ skip: 1 });
    feed(to, 'Docs', stream('p=', 4), 'byte');
    feed(to, 'Docs', doc('a/1', 1, listed('p')));
    feed(to, 'Docs', doc('b/1', 2, listed('p')));
    expect((await routed.sent())[0]?.[1]).toEqual([
      `Docs: ${head('b/1', 'p')}`,
      '<byte>',
      doc('b/1', 2, listed('p')),
    ]);
  });
});
