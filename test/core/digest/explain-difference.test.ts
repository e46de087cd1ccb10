import { expect, test } from 'vitest';
import { explainDifference } from '../../../src/core/digest/explain-difference.ts';

const METADATA =
  '"@metadata":{"@collection":"A","Owner":1.50,"@attachments":[],"@change-vector":"A:1-x","@flags":"HasCounters",' +
  '"@id":"a/1","@last-modified":"2026-01-02T03:04:05.0000000Z","@timeseries":["gone"],"@counters":["b"]}}';

test.each([
  ['{"a":1,', METADATA, []],
  ['{"a":1.0,', METADATA, ['differs in "a"']],
  ['{', METADATA, ['differs in "a"']],
  ['{"a":1,"b":2,', METADATA, ['differs in "b"']],
  ['{"a":1,"a":1,', METADATA, ['differs in "a"']],
  ['{"b":1,"c":1,"d":1,"e":"secret",', METADATA, ['differs in "a", "b", "c" and 2 more']],
  ['{"b":1,"c":1,', METADATA, ['differs in "a", "b", "c"']],
  [`{"a":1,"${'n'.repeat(80)}":2,`, METADATA, [`differs in "${'n'.repeat(80)}"`]],
  [`{"a":1,"${'n'.repeat(100)}":2,`, METADATA, [`differs in "${'n'.repeat(80)}..."`]],
  ['{"a":1,', METADATA.replace('1.50', '1.5'), ['differs in the metadata "Owner"']],
  ['{"a":1,', METADATA.replace('"A"', '"a"'), ['differs in the metadata "@collection"']],
  ['{"a":1,', METADATA.replace('a/1', 'A/1'), ['has its id in another case on the target: "A/1"']],
  ['{"a":2,', METADATA.replace('"Owner":1.50,', ''), ['differs in "a"', 'differs in the metadata "Owner"']],
  [
    '{"a":1,',
    METADATA.replace('A:1-x', 'B:1-y')
      .replace('2026', '2027')
      .replace('["gone"]', '[]')
      .replace('"b"', '"c"'),
    [],
  ],
])('%s%s', (body, metadata, found) => {
  expect(explainDifference(Buffer.from(`{"a":1,${METADATA}`), Buffer.from(body + metadata))).toEqual(found);
});

test('properties in another order', () => {
  const [source, target] = ['{"a":1,"b":2,', '{"b":2,"a":1,'].map((body) => Buffer.from(body + METADATA));
  if (!source || !target) throw new Error('two documents');
  expect(explainDifference(source, target)).toEqual(['has its properties in another order']);
});

test('a property that comes twice is told by all of its values', () => {
  const [source, target] = ['{"a":1,"a":2,', '{"a":3,"a":2,'].map((body) => Buffer.from(body + METADATA));
  if (!source || !target) throw new Error('two documents');
  expect(explainDifference(source, target)).toEqual(['differs in "a"']);
  expect(explainDifference(source, source)).toEqual([]);
});

test('attachments are told apart from the rest of the metadata', () => {
  const [source, target] = ['[]', '[{"Name":"x"}]'].map((list) =>
    Buffer.from(`{"a":1,${METADATA.replace('[]', list)}`),
  );
  if (!source || !target) throw new Error('two documents');
  expect(explainDifference(source, target)).toEqual([]);
});
