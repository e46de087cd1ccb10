import { expect, test } from 'vitest';
import { describeLeftover, type Leftover } from '../../../src/core/plan/leftovers.ts';

const fence: Leftover = {
  what: 'fence',
  database: { connection: 'prod', database: 'Shop' },
  name: 'migrate-Shop',
  inUse: false,
  removed: false,
};

test.each<[string, Partial<Leftover>, string]>([
  ['can be removed', {}, 'fence "migrate-Shop" on prod/Shop: left behind'],
  ['has been removed', { removed: true }, 'fence "migrate-Shop" on prod/Shop: removed'],
  [
    'belongs to a run that goes on',
    { inUse: true },
    'fence "migrate-Shop" on prod/Shop: in use by a running workflow',
  ],
  [
    'lies in a database that is closed',
    { closed: true },
    'fence "migrate-Shop" on prod/Shop: left behind; it can be removed once the database is enabled',
  ],
])('a leftover that %s is told of with its place and what becomes of it', (_what, more, line) => {
  expect(describeLeftover({ ...fence, ...more })).toBe(line);
});

test('a closed database is told of with what a person can do: nothing deletes it by itself', () => {
  expect(describeLeftover({ ...fence, what: 'closed database', name: 'ShopSharded' })).toBe(
    'closed database "ShopSharded" on prod: it is as a roll-back leaves a target; delete it by hand, or enable it',
  );
});
