import { beforeEach, describe, expect, test } from 'vitest';
import { allOrOneByOne } from '../../../src/engine/work/one-by-one.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';

let done: string[];
let requests: string[][];

beforeEach(() => {
  done = [];
  requests = [];
});

function refusal(message: string): RavenError {
  return new RavenError(message, { kind: 'InvalidOperationException', status: 400, retryable: false });
}

/** A server that refuses a whole request for one of these. */
function refusing(...bad: string[]) {
  return async (items: readonly string[]) => {
    requests.push([...items]);
    const found = items.find((item) => bad.includes(item));
    if (found) throw refusal(`not ${found}`);
    done.push(...items);
  };
}

describe('what is done for all at once', () => {
  test('takes one request when nothing is refused, and none for nothing', async () => {
    expect(await allOrOneByOne([], refusing())).toEqual(new Map());
    expect(requests).toEqual([]);
    expect(await allOrOneByOne(['a', 'b', 'c'], refusing())).toEqual(new Map());
    expect(requests).toEqual([['a', 'b', 'c']]);
  });

  test('is done for all but those that are refused, and says why', async () => {
    const refused = await allOrOneByOne(['a', 'b', 'c', 'd', 'e'], refusing('b', 'e'));
    expect([...refused]).toEqual([
      ['b', 'not b'],
      ['e', 'not e'],
    ]);
    expect(done).toEqual(['a', 'c', 'd']);
  });

  test('is refused for each when all are refused', async () => {
    const refused = await allOrOneByOne(['a', 'b', 'c'], refusing('a', 'b', 'c'));
    expect([...refused.keys()]).toEqual(['a', 'b', 'c']);
    expect(done).toEqual([]);
  });

  test('finds what was skipped with words instead of an error', async () => {
    const refused = await allOrOneByOne(['a', 'b', 'c'], async (items) => {
      requests.push([...items]);
      return items.includes('c') ? 'c is skipped' : '';
    });
    expect(refused).toEqual(new Map([['c', 'c is skipped']]));
    expect(requests.at(-1)).toEqual(['c']);
  });
});

describe('an error that is not a refusal', () => {
  test('ends everything', async () => {
    const busy = new RavenError('busy', { kind: 'TimeoutException', status: 503, retryable: true });
    const doing = allOrOneByOne(['a', 'b'], async (items) => {
      requests.push([...items]);
      throw busy;
    });
    await expect(doing).rejects.toBe(busy);
    expect(requests).toEqual([['a', 'b']]);
  });

  test('is what the caller does not take for one', async () => {
    const isConflict = (error: unknown): error is RavenError =>
      error instanceof RavenError && error.kind === 'DocumentConflictException';
    await expect(allOrOneByOne(['a'], refusing('a'), isConflict)).rejects.toThrow('not a');
    const conflict = new RavenError('two versions', { kind: 'DocumentConflictException', retryable: false });
    const refused = await allOrOneByOne(['a'], () => Promise.reject(conflict), isConflict);
    expect(refused).toEqual(new Map([['a', 'two versions']]));
  });
});
