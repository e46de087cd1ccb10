import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TransferReport } from '../../../src/core/run/activity-report.ts';
import { Meter } from '../../../src/engine/work/meter.ts';
import type { Work } from '../../../src/engine/work/work.ts';

let reports: TransferReport[];
let work: Work;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  reports = [];
  work = { attempt: 2, report: (report) => void reports.push(report) } as Partial<Work> as Work;
});
afterEach(() => {
  vi.useRealTimers();
});

test('a meter reports items, their rate and the time that is left', () => {
  const meter = new Meter(work, 'importing', 1_000, 100);
  const first = { doing: 'importing', items: 100, totalItems: 1_000, attempt: 2 };
  expect(reports).toEqual([{ transferred: first }]);
  vi.setSystemTime(Date.now() + 1_000);
  meter.report(200);
  // too early for a rate
  expect(reports[1]).toEqual({ transferred: { ...first, items: 200 } });
  vi.setSystemTime(Date.now() + 1_000);
  meter.report(300);
  // what an earlier attempt has done does not count
  const rate = { itemsPerSecond: 100, etaSeconds: 7 };
  expect(reports[2]).toEqual({ transferred: { ...first, items: 300, ...rate } });
});

test('a meter never has more items than its total', () => {
  new Meter(work, 'reading', 0).report(5);
  expect(reports.at(-1)?.transferred).toMatchObject({ items: 5, totalItems: 5 });
});

test('a meter counts the bytes that pass through it', async () => {
  const meter = new Meter(work, 'writing', 10);
  const counting = meter.countBytes();
  counting.resume();
  counting.write(Buffer.alloc(7));
  counting.end(Buffer.alloc(5));
  await new Promise((resolve) => counting.on('end', resolve));
  meter.report(1);
  expect(reports.at(-1)?.transferred?.bytes).toBe(12);
});
