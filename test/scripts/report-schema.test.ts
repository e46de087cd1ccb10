import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { reportSchema, SCHEMA_FILE } from '../../scripts/report-schema.ts';
import { empty, full, samples } from '../report/samples.ts';
import { reportFlaws } from '../support/report-flaws.ts';

test('the published schema is that of the types: npm run schema writes it', async () => {
  expect(await readFile(SCHEMA_FILE, 'utf8')).toBe(await reportSchema());
}, 60_000);

describe('the published schema', () => {
  test.each([empty, full, ...samples].map((report) => [report.title, report] as const))(
    'fits the report "%s"',
    (_, report) => expect(reportFlaws(report)).toEqual([]),
  );

  const { phase: _, ...without } = full;

  test.each([
    ['no phase', without],
    ['a phase that does not exist', { ...full, phase: 'dreaming' }],
    ['a number as a text', { ...full, shards: { 0: '600' } }],
    ['half of a pair', { ...full, counts: { attachments: { source: 5 } } }],
    ['an approval that nobody has given', { ...full, approval: { note: 'well', at: empty.startedAt } }],
    [
      'a moment without its items',
      { ...full, series: { work: [{ at: 1, phase: 'copying', step: 1 }], lag: [] } },
    ],
  ])('does not fit a report with %s', (_, report) => expect(reportFlaws(report)).not.toEqual([]));
});
