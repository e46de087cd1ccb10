import { describe, expect, test } from 'vitest';
import {
  addRefused,
  describeRefused,
  describeRefusedItem,
  MOST_REFUSED,
  newlyRefused,
  type RefusedItem,
  undecided,
} from '../../../src/core/copy/refused.ts';

const item = (id: string, more: Partial<RefusedItem> = {}): RefusedItem => ({
  kind: 'counter',
  id,
  reason: 'too small',
  ...more,
});
const skipped = { by: 'ann', note: '', at: '2026-11-30T10:00:00Z' };

describe('what a run knows of refused items', () => {
  test('has each once, whatever the case of its id, with the latest reason and the decision on it', () => {
    const known = addRefused([item('Orders/1', { skipped })], [item('orders/1', { reason: 'too large' })]);
    expect(known).toEqual([item('orders/1', { reason: 'too large', skipped })]);
  });

  test('tells items of another kind apart', () => {
    const other = item('orders/1', { kind: 'document' });
    expect(addRefused([item('orders/1')], [other])).toEqual([item('orders/1'), other]);
  });

  test('is bounded, but for those that it knows already', () => {
    const many = Array.from({ length: MOST_REFUSED + 5 }, (_, n) => item(`orders/${n}`));
    const known = addRefused([], many);
    expect(known).toHaveLength(MOST_REFUSED);
    const again = addRefused(known, [item('orders/0', { reason: 'other' }), item('orders/new')]);
    expect(again).toHaveLength(MOST_REFUSED);
    expect(again[0]).toEqual(item('orders/0', { reason: 'other' }));
  });

  test('says which items are new, and which wait for somebody', () => {
    const known = [item('orders/1')];
    expect(newlyRefused(known, [item('ORDERS/1'), item('orders/2')])).toEqual([item('orders/2')]);
    expect(undecided([item('orders/1', { skipped }), item('orders/2')])).toEqual([item('orders/2')]);
  });
});

describe('in words', () => {
  test('an item has its kind, its id and the reason, and who skipped it', () => {
    expect(describeRefusedItem(item('orders/1'))).toBe('counter "orders/1": too small');
    expect(describeRefusedItem(item('orders/1', { skipped }))).toBe(
      'counter "orders/1" (skipped by ann): too small',
    );
    expect(describeRefusedItem(item('orders/1', { skipped: { ...skipped, note: 'old' } }))).toBe(
      'counter "orders/1" (skipped by ann: old): too small',
    );
  });

  test('several are told by their number and the first', () => {
    expect(describeRefused([])).toBe('');
    expect(describeRefused([item('orders/1')])).toBe(
      'RavenDB refuses an item: counter "orders/1". too small',
    );
    expect(describeRefused([item('orders/1'), item('orders/2')])).toBe(
      'RavenDB refuses 2 items, the first: counter "orders/1". too small',
    );
  });
});
