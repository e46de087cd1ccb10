import { describe, expect, test } from 'vitest';
import { PiecesProgress } from '../../../src/core/run/piece-progress.ts';

describe('progress of a copy in pieces', () => {
  test('is the sum of the pieces', () => {
    const copy = new PiecesProgress(100);
    copy.update(0, { next: 11, items: 10, bytes: 1_000 }, 0);
    copy.update(1, { next: 61, items: 15, bytes: 1_500 }, 0);
    copy.update(0, { next: 21, items: 20, bytes: 2_000 }, 500);
    expect(copy.transferred()).toEqual({ items: 35, totalItems: 100, bytes: 3_500, aboutTotalBytes: 10_000 });
    expect(copy.reached(0)).toEqual({ next: 21, items: 20, bytes: 2_000 });
    expect(copy.reached(7)).toBeUndefined();
  });

  test('does not go back when a piece repeats what was on its way', () => {
    const copy = new PiecesProgress(100);
    copy.update(0, { next: 51, items: 50, bytes: 500 }, 0);
    copy.update(0, { next: 41, items: 40, bytes: 400 }, 1);
    expect(copy.transferred().items).toBe(50);
    expect(copy.reached(0)).toEqual({ next: 51, items: 50, bytes: 500 });
  });

  test('counts items whose etag nobody knows once, although they are copied again after a pause', () => {
    const copy = new PiecesProgress(100);
    copy.update(0, { next: 11, items: 10, bytes: 100 }, 0);
    copy.update(0, { next: 11, items: 30, bytes: 300 }, 1);
    expect(copy.transferred().items).toBe(30);
    expect(copy.reached(0)).toEqual({ next: 11, items: 10, bytes: 100 });
    // a report in between may have been lost: what the piece says when it stops counts
    copy.update(0, { next: 21, items: 60, bytes: 600 }, 2);
    copy.update(0, { next: 21, items: 40, bytes: 400 }, 3);
    expect(copy.transferred().items).toBe(60);
    expect(copy.reached(0)).toEqual({ next: 21, items: 40, bytes: 400 });
  });

  test('has the rate of the last moments', () => {
    const copy = new PiecesProgress(100_000);
    copy.restart(0);
    copy.update(0, { next: 0, items: 1_000, bytes: 0 }, 10_000);
    expect(copy.transferred()).toMatchObject({ itemsPerSecond: 100, etaSeconds: 990 });
    copy.update(0, { next: 0, items: 41_000, bytes: 0 }, 50_000);
    copy.update(0, { next: 0, items: 51_000, bytes: 0 }, 60_000);
    expect(copy.transferred()).toMatchObject({ itemsPerSecond: 1_000, etaSeconds: 49 });
  });

  test('has the rate of all reports of the last half minute', () => {
    const copy = new PiecesProgress(100_000);
    copy.restart(0);
    copy.update(0, { next: 0, items: 1_000, bytes: 0 }, 15_000);
    copy.update(0, { next: 0, items: 5_000, bytes: 0 }, 25_000);
    expect(copy.transferred().itemsPerSecond).toBe(200);
  });

  test('has a lower rate while nothing arrives', () => {
    const copy = new PiecesProgress(10_000);
    copy.restart(0);
    copy.update(0, { next: 0, items: 1_000, bytes: 0 }, 10_000);
    copy.update(0, { next: 0, items: 1_000, bytes: 0 }, 20_000);
    expect(copy.transferred().itemsPerSecond).toBe(50);
  });

  test('has no rate after a single report', () => {
    const copy = new PiecesProgress(10_000);
    copy.update(0, { next: 0, items: 1_000, bytes: 0 }, 10_000);
    expect(copy.transferred()).not.toHaveProperty('itemsPerSecond');
    expect(copy.transferred()).not.toHaveProperty('etaSeconds');
  });

  test('does not count a pause into the rate', () => {
    const copy = new PiecesProgress(10_000);
    copy.restart(0);
    copy.update(0, { next: 0, items: 1_000, bytes: 0 }, 1_000);
    copy.restart(3_600_000);
    copy.update(0, { next: 0, items: 2_000, bytes: 0 }, 3_601_000);
    expect(copy.transferred().itemsPerSecond).toBe(1_000);
  });

  test('never says more than all, also when the source has grown', () => {
    const copy = new PiecesProgress(10);
    copy.update(0, { next: 0, items: 12, bytes: 0 }, 0);
    expect(copy.transferred()).toMatchObject({ items: 12, totalItems: 12 });
  });

  test('goes on with what was saved, and measures the rate anew', () => {
    const before = new PiecesProgress(100, 5);
    before.restart(0);
    before.update(5, { next: 11, items: 10, bytes: 1_000 }, 5_000);
    const saved = before.save();
    expect(saved).toEqual({
      totalItems: 100,
      first: 5,
      pieces: [[5, { next: 11, items: 10, bytes: 1_000 }]],
      resumable: [[5, { next: 11, items: 10, bytes: 1_000 }]],
    });
    const after = PiecesProgress.from(saved);
    expect(after.reached(5)).toEqual({ next: 11, items: 10, bytes: 1_000 });
    expect(after.transferred()).toEqual({
      items: 10,
      totalItems: 100,
      bytes: 1_000,
      aboutTotalBytes: 10_000,
    });
  });

  test('ignores what comes late, from a piece of before', () => {
    const copy = new PiecesProgress(100, 5);
    copy.update(4, { next: 11, items: 10, bytes: 100 }, 0);
    expect(copy.transferred()).toEqual({ items: 0, totalItems: 100, bytes: 0 });
    expect(copy.reached(4)).toBeUndefined();
  });

  test('knows where a piece can go on that has no item yet', () => {
    const copy = new PiecesProgress(100);
    copy.update(0, { next: 0, items: 0, bytes: 0 }, 0);
    expect(copy.reached(0)).toEqual({ next: 0, items: 0, bytes: 0 });
  });
});
