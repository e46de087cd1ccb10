import { describe, expect, test } from 'vitest';
import { sampleStatement, shareAtMost, shuffled, windowWidth } from '../../../src/core/compare/sampling.ts';

describe('drawing at random', () => {
  test('gives each number once, in the order that chance has', () => {
    const order = [...shuffled(5, (limit) => limit - 1)];
    expect(order).toEqual([4, 0, 1, 2, 3]);
    expect([...shuffled(5, () => 0)]).toEqual([0, 1, 2, 3, 4]);
    const random = [...shuffled(1_000, (limit) => Math.floor(Math.random() * limit))];
    expect(random.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  });

  test('gives each number equally often', () => {
    const first = [0, 0, 0, 0];
    for (let choice = 0; choice < 24; choice++) {
      let left = choice;
      // every outcome of the three choices that there are
      const [, second] = shuffled(4, (limit) => {
        const number = left % limit;
        left = Math.floor(left / limit);
        return number;
      });
      first[second ?? 0] = (first[second ?? 0] ?? 0) + 1;
    }
    expect(first).toEqual([6, 6, 6, 6]);
  });

  test('windows hold some 20 documents where they lie dense, and never very many', () => {
    expect(windowWidth(1_000, 1_000)).toBe(20);
    expect(windowWidth(10_000, 1_000)).toBe(200);
    expect(windowWidth(1_000_000, 1_000)).toBe(1_024);
    expect(windowWidth(0, 0)).toBe(1);
  });
});

describe('what a sample says of the rest', () => {
  test.each([
    // the rule of three: about 3/n
    [59, 0.05],
    [299, 0.01],
    [2_995, 0.001],
  ])('%d documents without a difference: fewer than %f, with 95%% confidence', (documents, share) => {
    expect(shareAtMost(documents)).toBeLessThan(share);
    expect(shareAtMost(documents - 1)).toBeGreaterThan(share * 0.99);
    // were it exactly that share, such a sample would come once in 20 times
    expect((1 - shareAtMost(documents)) ** documents).toBeCloseTo(0.05);
  });

  test('nothing, when nothing was drawn', () => {
    expect(shareAtMost(0)).toBe(1);
  });

  test('is said in words', () => {
    const source = { documents: 1_000, of: 200_000 };
    const target = { documents: 1_010, of: 200_001 };
    const none = { mismatches: 0, lagging: 0 };
    expect(sampleStatement({ source, target }, none)).toBe(
      '1,000 of 200,000 documents of the source and 1,010 of 200,001 documents of the target were drawn at random and ' +
        'compared with everything that belongs to them: no difference. With 95% confidence fewer than 0.30% of the documents ' +
        'differ, if differences are spread at random.',
    );
    expect(sampleStatement({ source }, { mismatches: 1, lagging: 2 })).toBe(
      '1,000 of 200,000 documents of the source were drawn at random and compared with everything that belongs to them: ' +
        '1 difference, 2 changed meanwhile.',
    );
    expect(sampleStatement({ source }, { mismatches: 2, lagging: 0 })).toContain(': 2 differences.');
  });

  const none = { mismatches: 0, lagging: 0 };

  test.each([
    ['the source alone', [5, 5], undefined, true],
    ['both sides', [5, 5], [6, 6], true],
    ['the source, but not the target', [5, 5], [5, 6], false],
    ['the target, but not the source', [5, 6], [6, 6], false],
    ['more than was counted, for it grew', [6, 5], [7, 6], true],
    ['a part of the source alone', [5, 6], undefined, false],
  ])('all was drawn of %s: it says so, or nothing certain', (_case, [drawn = 0, of = 0], other, all) => {
    const target = other && { documents: other[0] ?? 0, of: other[1] ?? 0 };
    const statement = sampleStatement({ source: { documents: drawn, of }, target }, none);
    expect(statement.includes('no difference. These are all documents.')).toBe(all);
    expect(statement.includes('With 95% confidence')).toBe(!all);
  });

  test.each([
    // 1 - 0.05^(1/n) for the fewer of both sides
    [{ source: { documents: 299, of: 1e6 }, target: { documents: 2_995, of: 1e6 } }, 0, '1.0%'],
    [{ source: { documents: 2_995, of: 1e6 }, target: { documents: 299, of: 1e6 } }, 0, '1.0%'],
    [{ source: { documents: 299, of: 1e6 } }, 0, '1.0%'],
    // what has changed meanwhile was not compared
    [{ source: { documents: 299, of: 1e6 } }, 240, '5.0%'],
    [{ source: { documents: 10, of: 1e6 } }, 11, '1.0e+2%'],
  ])('of %j, %d of which changed meanwhile, it says: fewer than %3$s', (drawn, lagging, share) => {
    expect(sampleStatement(drawn, { mismatches: 0, lagging })).toContain(
      `fewer than ${share} of the documents`,
    );
  });
});
