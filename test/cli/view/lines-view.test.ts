import { describe, expect, test } from 'vitest';
import { LinesView } from '../../../src/cli/view/lines-view.ts';
import { commands, NOW, verification, watched } from '../fixtures.ts';

function view(approves = false) {
  const lines: string[] = [];
  const shown = new LinesView({ commands, approves }, (line) => {
    lines.push(line.replace(/^\d\d:\d\d:\d\d {2}/, ''));
  });
  return { shown, lines };
}

describe('lines for a pipe', () => {
  test('tell each phase once, and progress every two seconds at most', () => {
    const { shown, lines } = view();
    for (let second = 0; second <= 5; second++) {
      const transferred = { items: second * 100 };
      shown.show(watched({ transferred }), NOW + second * 1000);
    }
    expect(lines).toEqual(['planning', 'preparing', 'copying', 'copying: 200 items', 'copying: 400 items']);
  });

  test('tell which part of the copy it is, and about how many bytes there are', () => {
    const { shown, lines } = view();
    const transferred = {
      doing: 'importing the dump',
      items: 1,
      totalItems: 4,
      bytes: 500,
      aboutTotalBytes: 2_000,
    };
    for (const second of [0, 5]) shown.show(watched({ transferred }), NOW + second * 1000);
    expect(lines.at(-1)).toBe('copying: importing the dump: 1 of 4 items (25%), 500 B of about 2.00 kB');
  });

  test('say nothing twice', () => {
    const { shown, lines } = view();
    for (let second = 0; second <= 20; second++) {
      shown.show(watched({ transferred: { items: 7 } }), NOW + second * 1000);
    }
    expect(lines.filter((line) => line.includes('7 items'))).toHaveLength(1);
  });

  test('tell the limit of the copy when it is set, and once', () => {
    const { shown, lines } = view();
    for (const limit of [500, 500, 1500, null]) {
      shown.show(watched({ maxItemsPerSecond: limit }, { timings: [] }));
    }
    expect(lines).toEqual(['limit: 500 items/s', 'limit: 1,500 items/s']);
  });

  test('tell why a replication does not get on, once, and nothing while it does', () => {
    const { shown, lines } = view();
    const health = { behindSince: null, lastContact: null };
    for (const left of [5, 3, 0]) {
      const replication = { ...health, state: 'sending', left, error: null };
      shown.show(watched({ replication }, { timings: [] }));
    }
    for (const error of [null, null, 'refused', 'refused']) {
      const replication = { ...health, state: 'not connected yet', left: null, error };
      shown.show(watched({ replication }, { timings: [] }));
    }
    expect(lines).toEqual([
      'replication: not connected yet',
      'replication: not connected yet, RavenDB says: refused',
    ]);
  });

  test('tell what is tried again and why, once, and again when it comes back', () => {
    const { shown, lines } = view();
    const away = { reason: 'The server is away.', mostTries: 0 };
    const troubles = [{ ...away, tries: 1 }, { ...away, tries: 2 }, undefined, { ...away, tries: 3 }];
    for (const trouble of troubles) shown.show(watched({}, { timings: [], trouble }));
    expect(lines).toEqual(['trouble: The server is away.', 'trouble: The server is away.']);
  });

  test('tell how to approve, in both ways', () => {
    const { shown, lines } = view();
    const state = watched({ phase: 'awaiting-approval', verification: verification() }, { timings: [] });
    shown.show(state);
    shown.show(state);
    expect(lines).toEqual([
      'verification: 1,059 documents compared by content, no difference',
      'Waiting for approval. Stop every writer of "Shop", then send approveCutover; or end the migration with rejectCutover.',
      '  shardlift approve migrate-Shop-to-ShopSharded --by you',
      'or',
      `  temporal workflow update execute -w migrate-Shop-to-ShopSharded --name approveCutover --input '{"by":"you","note":"why"}'`,
    ]);
  });

  test('leave that out where the approval is given by itself', () => {
    const { shown, lines } = view(true);
    shown.show(watched({ phase: 'awaiting-approval' }, { timings: [] }));
    expect(lines).toEqual([]);
  });

  test('tell of thaws, refusals and silence, but leave the end to the summary', () => {
    const { shown, lines } = view();
    const lastRefusal = { request: 'pause', reason: 'The source is frozen.', at: '' };
    const silence = 'No worker polls task queue "shardlift".';
    shown.show(watched({ attention: 'The freeze was undone.', lastRefusal }, { timings: [], silence }));
    shown.show(watched({ phase: 'failed', attention: 'It failed.', lastRefusal }, { timings: [] }));
    expect(lines).toEqual([
      'attention: The freeze was undone.',
      'refused pause: The source is frozen.',
      silence,
    ]);
  });
});
