import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { ProgressReporter } from '../../src/activities/progress-reporter.ts';
import type { TransferReport } from '../../src/core/run/activity-report.ts';

let arrived: TransferReport[];
let begun: number;
/** Lets the oldest report that is on its way arrive. */
let arrive: (() => void)[];
let reporter: ProgressReporter;

beforeEach(() => {
  arrived = [];
  begun = 0;
  arrive = [];
  reporter = new ProgressReporter(async (report) => {
    begun++;
    await new Promise<void>((resolve) => arrive.push(resolve));
    arrived.push(report);
  });
});

function letArrive(): void {
  arrive.shift()?.();
}

describe('what is reported', () => {
  test('is merged: the last one wins, and lines add up', async () => {
    reporter.add({ lag: 3, notCarried: ['a'] });
    reporter.add({ lag: 2, notCarried: ['b'] });
    const flushed = reporter.flush();
    await sleep(1);
    letArrive();
    await flushed;
    expect(arrived).toEqual([{ lag: 2, notCarried: ['a', 'b'] }]);
  });

  test('is sent when it is due, and not while another report is on its way', async () => {
    reporter.add({ lag: 3 });
    reporter.sendIfDue(60_000);
    expect(begun).toBe(1);
    reporter.add({ lag: 2 });
    reporter.sendIfDue(0);
    expect(begun).toBe(1);
    letArrive();
    await sleep(1);
    reporter.sendIfDue(60_000);
    expect(begun).toBe(1);
    reporter.sendIfDue(0);
    expect(begun).toBe(2);
  });
});

describe('a flush', () => {
  test('waits for the report that is on its way, which arrives first', async () => {
    reporter.add({ lag: 3 });
    reporter.sendIfDue(0);
    reporter.add({ lag: 2 });
    let isFlushed = false;
    const flushed = reporter.flush().then(() => {
      isFlushed = true;
    });
    await sleep(1);
    expect({ begun, isFlushed }).toEqual({ begun: 1, isFlushed: false });
    letArrive();
    await sleep(1);
    expect({ begun, isFlushed }).toEqual({ begun: 2, isFlushed: false });
    letArrive();
    await flushed;
    expect(arrived).toEqual([{ lag: 3 }, { lag: 2 }]);
  });

  test('waits for a report that is on its way also when nothing came after it', async () => {
    reporter.add({ lag: 3 });
    reporter.sendIfDue(0);
    let isFlushed = false;
    const flushed = reporter.flush().then(() => {
      isFlushed = true;
    });
    await sleep(1);
    expect(isFlushed).toBe(false);
    letArrive();
    await flushed;
    expect(arrived).toEqual([{ lag: 3 }]);
  });

  test('sends nothing when nothing was reported', async () => {
    await reporter.flush();
    expect(begun).toBe(0);
  });
});
