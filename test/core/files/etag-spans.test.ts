import { describe, expect, test } from 'vitest';
import {
  type EtagRange,
  type Gap,
  gapBetween,
  gapFinding,
  gapProblem,
  type Span,
  widen,
} from '../../../src/core/files/etag-spans.ts';

const A = 'AAAAAAAAAAAAAAAAAAAAAA';
const B = 'B+BBBBBBBBBBBBBBBBBB/B';

function spanOf(...changeVectors: string[]): Span {
  const span: Record<string, EtagRange> = {};
  for (const changeVector of changeVectors) widen(span, changeVector);
  return span;
}

describe('a span', () => {
  test.each<[string, string[], Span]>([
    ['of nothing', [], {}],
    ['of an empty change vector', [''], {}],
    ['of one item', [`A:7-${A}`], { [A]: { lowest: 7, highest: 7 } }],
    ['of several', [`A:7-${A}`, `A:3-${A}`, `A:12-${A}`], { [A]: { lowest: 3, highest: 12 } }],
    [
      'of several storages',
      [`A:7-${A}, B:4-${B}`, `B:9-${B}`],
      { [A]: { lowest: 7, highest: 7 }, [B]: { lowest: 4, highest: 9 } },
    ],
    ['whose node was renamed', [`A:7-${A}`, `C:8-${A}`], { [A]: { lowest: 7, highest: 8 } }],
    [
      'without what is no etag of a storage',
      [`A:7-${A}, RAFT:100-${B}, TRXN:200-${B}, SINK:300-${B}, MOVE:400-${B}`],
      { [A]: { lowest: 7, highest: 7 } },
    ],
  ])('%s', (_case, changeVectors, span) => {
    expect(spanOf(...changeVectors)).toEqual(span);
  });
});

describe('between two files', () => {
  const range = (lowest: number, highest: number): EtagRange => ({ lowest, highest });

  test.each<[string, Span, Span, Gap]>([
    [
      'nothing is missing when the etags go on',
      { [A]: range(1, 9) },
      { [A]: range(10, 12) },
      { kind: 'none' },
    ],
    [
      'the second may begin within the first',
      { [A]: range(1, 9) },
      { [A]: range(8, 12) },
      { kind: 'overlap' },
    ],
    [
      'missing etags prove nothing',
      { [A]: range(1, 9) },
      { [A]: range(15, 20) },
      { kind: 'unknown', unseen: 5 },
    ],
    ['an empty file says nothing', { [A]: range(1, 9) }, {}, { kind: 'empty' }],
    ['an empty file before says nothing', {}, { [A]: range(1, 9) }, { kind: 'empty' }],
    ['the order may be wrong', { [A]: range(10, 12) }, { [A]: range(1, 9) }, { kind: 'not-later' }],
    ['the second may be the first again', { [A]: range(1, 9) }, { [A]: range(1, 9) }, { kind: 'not-later' }],
    [
      'the second may be of another database',
      { [A]: range(1, 9) },
      { [B]: range(10, 12) },
      { kind: 'foreign' },
    ],
    [
      'several storages do not let it be told',
      { [A]: range(1, 9), [B]: range(1, 5) },
      { [A]: range(10, 12), [B]: range(5, 5) },
      { kind: 'unknown', unseen: null },
    ],
    [
      'a storage may come in',
      { [A]: range(1, 9) },
      { [A]: range(9, 9), [B]: range(1, 2) },
      { kind: 'unknown', unseen: null },
    ],
    [
      'one storage that has risen is enough',
      { [A]: range(1, 9), [B]: range(1, 5) },
      { [A]: range(3, 3), [B]: range(6, 6) },
      { kind: 'unknown', unseen: null },
    ],
    [
      'of several storages none may have risen',
      { [A]: range(1, 9), [B]: range(1, 5) },
      { [A]: range(3, 9), [B]: range(2, 4) },
      { kind: 'not-later' },
    ],
    [
      'a storage may go',
      { [A]: range(1, 9), [B]: range(1, 5) },
      { [A]: range(10, 12) },
      { kind: 'unknown', unseen: null },
    ],
    ['the last etag may be written again', { [A]: range(1, 9) }, { [A]: range(9, 12) }, { kind: 'overlap' }],
    [
      'a single etag may be missing',
      { [A]: range(1, 9) },
      { [A]: range(11, 12) },
      { kind: 'unknown', unseen: 1 },
    ],
  ])('%s', (_case, previous, next, gap) => {
    expect(gapBetween(previous, next)).toEqual(gap);
  });

  test.each<[Gap, RegExp | undefined]>([
    [{ kind: 'foreign' }, /^b is not from the same database as a/],
    [{ kind: 'not-later' }, /^b contains nothing newer than a/],
    [{ kind: 'none' }, undefined],
    [{ kind: 'unknown', unseen: 5 }, undefined],
    [{ kind: 'empty' }, undefined],
    [{ kind: 'overlap' }, undefined],
  ])('%j is told', (gap, sentence) => {
    const problem = gapProblem(gap, 'a', 'b');
    if (sentence) expect(problem).toMatch(sentence);
    else expect(problem).toBeUndefined();
  });

  test.each<[Gap, RegExp | undefined]>([
    [{ kind: 'unknown', unseen: 5 }, /^5 changes between a and b are in neither/],
    [{ kind: 'unknown', unseen: null }, /^Changes between a and b are in neither/],
    [{ kind: 'foreign' }, undefined],
    [{ kind: 'not-later' }, undefined],
    [{ kind: 'none' }, undefined],
    [{ kind: 'empty' }, undefined],
    [{ kind: 'overlap' }, undefined],
  ])('%j is left to the judgement of a person', (gap, sentence) => {
    const finding = gapFinding(gap, 'a', 'b');
    if (sentence) expect(finding).toMatch(sentence);
    else expect(finding).toBeUndefined();
  });
});
