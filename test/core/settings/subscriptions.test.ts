import { describe, expect, test } from 'vitest';
import { sortSubscriptions, subscriptionAdvice } from '../../../src/core/settings/subscriptions.ts';

const subscription = (SubscriptionName: string, Query = 'from Users', Disabled = false) => ({
  SubscriptionName,
  Query,
  Disabled,
});

describe('subscriptions', () => {
  const source = ['new', 'Off', 'on', 'else'].map((name) => subscription(name));
  const target = [
    subscription('off', 'from Users', true),
    subscription('on'),
    subscription('else', 'from Orders'),
    subscription('own'),
  ];

  test('are sorted by what the target has of them', () => {
    const { missing, disabled, enabled, other } = sortSubscriptions(source, target);
    expect(
      [missing, disabled, enabled, other].map((each) => each.map((one) => one.SubscriptionName)),
    ).toEqual([['new'], ['Off'], ['on'], ['else']]);
  });

  test('are told with what to do', () => {
    const told = subscriptionAdvice(sortSubscriptions(source, target), new Map([['no license', ['new']]]));
    expect(told.map(({ outcome, advice }) => [outcome, advice.split(':')[0]])).toEqual([
      ['carried', '"Off"'],
      ['carried', '"on"'],
      ['left out', '"else"'],
      ['refused', '"new"'],
    ]);
    expect(told[0]?.advice).toMatch(/disabled.*LastDocument.*enable/);
    expect(told[3]?.advice).toBe('"new": no license');
  });

  test('none, nothing to tell', () => {
    expect(subscriptionAdvice(sortSubscriptions([], target), new Map())).toEqual([]);
  });
});
