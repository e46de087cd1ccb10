import { expect, test } from 'vitest';
import { trendAfter, trendLines } from '../../../src/core/compare/trend.ts';

const point = (mismatches: number) => ({
  at: `2026-01-01T00:00:${String(mismatches).padStart(2, '0')}Z`,
  mismatches,
  documents: { source: 1_000, target: 1_000 },
  lagging: 0,
});

test('a trend has the last 30 runs, and begins anew after anything else', () => {
  let last: unknown;
  for (let run = 0; run < 40; run++) last = { trend: trendAfter(last, point(run)) };
  const { trend } = last as { trend: { mismatches: number }[] };
  expect(trend.map(({ mismatches }) => mismatches)).toEqual(Array.from({ length: 30 }, (_, n) => n + 10));
  for (const other of [undefined, null, 'text', {}, { trend: 'none' }])
    expect(trendAfter(other, point(0))).toEqual([point(0)]);
});

test('is shown from the last run back', () => {
  expect(trendLines([point(2), { ...point(0), lagging: 3 }])).toEqual([
    '2026-01-01T00:00:00Z: 1,000 documents, no difference, 3 lagging',
    '2026-01-01T00:00:02Z: 1,000 documents, 2 differ',
  ]);
});
