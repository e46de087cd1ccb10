import { expect, test } from 'vitest';
import { digestOf } from '../../../src/core/run/evidence.ts';

const skipped = { by: 'ann', note: '', at: '2026-01-01T00:00:00.000Z' };
const item = { kind: 'document', id: 'items/1', reason: 'It is too large.' } as const;
const seen: Parameters<typeof digestOf>[0] = {
  input: { source: { connection: 'here', database: 'shop' } },
  checks: [{ status: 'ok', name: 'disk', message: 'There is room.' }],
  verification: { mismatches: 0, itemsCompared: true },
  refused: [item],
};

test('the digest of evidence is the same for the same', () => {
  expect(digestOf(seen)).toBe(digestOf(structuredClone(seen)));
  expect(digestOf(seen)).toMatch(/^[0-9a-f]{16}$/);
});

test.each([
  ['the input', { input: { source: { connection: 'there', database: 'shop' } } }],
  ['a check', { checks: [{ status: 'warning', name: 'disk', message: 'It is nearly full.' }] }],
  ['the comparison', { verification: { mismatches: 1, digest: 'abc', itemsCompared: true } }],
  ['what differs', { verification: { mismatches: 1, digest: 'def', itemsCompared: true } }],
  ['whether all was compared', { verification: { mismatches: 0, itemsCompared: false } }],
  ['what is skipped', { refused: [{ ...item, skipped }] }],
] as [string, Partial<typeof seen>][])('it changes with %s', (_what, more) => {
  const digests = [
    seen,
    { ...seen, verification: { mismatches: 1, digest: 'xyz', itemsCompared: true } },
  ].map(digestOf);
  expect(digests).not.toContain(digestOf({ ...seen, ...more }));
});

test('it does not change with an item that waits for a decision, or with what is compared anew', () => {
  expect(digestOf({ ...seen, refused: [] })).toBe(digestOf(seen));
  const later = { ...seen.verification, at: '2027-01-01T00:00:00.000Z', documents: { source: 9, target: 9 } };
  expect(digestOf({ ...seen, verification: later })).toBe(digestOf(seen));
});

test('it tells one skipped item from another, and from one of another kind', () => {
  const digests = [
    { ...item, skipped },
    { ...item, id: 'items/2', skipped },
    { ...item, kind: 'revision', skipped } as const,
  ].map((each) => digestOf({ ...seen, refused: [each] }));
  expect(new Set(digests).size).toBe(3);
});
