import { describe, expect, test } from 'vitest';
import { type Described, type ListedCertificate, leftToDo } from '../../../src/core/plan/left-to-do.ts';

/** Both sides, with a backup that runs on the target. */
function left({
  source = {},
  target = {},
  certificates = [[], []],
  subscriptions = [],
}: {
  source?: object;
  target?: object;
  certificates?: [Described['certificates'], Described['certificates']];
  subscriptions?: { SubscriptionName: string; Query: string; Disabled: boolean }[];
} = {}) {
  const [ours, theirs] = certificates;
  return leftToDo(
    { database: 'Shop', record: { ...source }, certificates: ours },
    {
      database: 'ShopSharded',
      record: { PeriodicBackups: [{ Name: 'hourly' }], ...target },
      certificates: theirs,
      subscriptions,
    },
  );
}

test('nothing is left where nothing ran on the source, and a backup runs on the target', () => {
  expect(left()).toEqual([]);
});

describe('tasks', () => {
  test('that ran on the source and are disabled on the target are to be enabled', () => {
    const tasks = [{ Name: 'etl' }, { Name: 'old', Disabled: true }, { Name: 'new', Disabled: true }];
    expect(
      left({
        source: { RavenEtls: tasks },
        target: { RavenEtls: tasks.map((task) => ({ ...task, Disabled: true })) },
      }),
    ).toEqual([{ about: 'RavenEtls', text: expect.stringMatching(/^"etl": it is disabled on the target/) }]);
  });

  test('that were enabled on the target meanwhile are done', () => {
    const tasks = { RavenEtls: [{ Name: 'etl' }] };
    expect(left({ source: tasks, target: tasks })).toEqual([]);
  });

  test('of the server, or of the migration, need nothing', () => {
    const tasks = { ExternalReplications: [{ Name: 'Server Wide a' }, { Name: 'Shardlift/Replicate/m' }] };
    const disabled = {
      ExternalReplications: tasks.ExternalReplications.map((task) => ({ ...task, Disabled: true })),
    };
    expect(left({ source: tasks, target: disabled })).toEqual([]);
  });
});

describe('backups', () => {
  const none = { about: 'PeriodicBackups', text: expect.stringContaining('No periodic backup runs on') };

  test.each([
    ['none', []],
    ['a disabled one', [{ Name: 'own', Disabled: true }]],
    ['a disabled one of the server', [{ Name: 'Server Wide nightly', Disabled: true }]],
  ])('are missing: %s', (_what, PeriodicBackups) => {
    expect(left({ target: { PeriodicBackups } })).toEqual([none]);
  });

  test('that ran on the source are named, too', () => {
    const [first, second] = left({
      source: { PeriodicBackups: [{ Name: 'nightly' }] },
      target: { PeriodicBackups: [{ Name: 'nightly', Disabled: true }] },
    });
    expect(first).toEqual({
      about: 'PeriodicBackups',
      text: expect.stringMatching(/^"nightly": .*folder of its own$/),
    });
    expect(second).toEqual(none);
  });

  test('of the server suffice', () => {
    expect(left({ target: { PeriodicBackups: [{ Name: 'Server Wide nightly' }] } })).toEqual([]);
  });
});

test('subscriptions that are disabled are to be enabled where they start', () => {
  const subscriptions = [
    { SubscriptionName: 'users', Query: 'from Users', Disabled: true },
    { SubscriptionName: 'orders', Query: 'from Orders', Disabled: false },
  ];
  expect(left({ subscriptions })).toEqual([
    { about: 'Subscriptions', text: expect.stringMatching(/^"users": .*set where it starts/) },
  ]);
});

describe('certificates', () => {
  function certificate(
    Name: string,
    Permissions: Record<string, string>,
    SecurityClearance = 'ValidUser',
  ): ListedCertificate {
    return { Name, Thumbprint: `THUMB-${Name}`, SecurityClearance, Permissions };
  }
  const onOneServer = (...list: ListedCertificate[]) => left({ certificates: [list, list] });

  test.each([
    ['the same right on both', [certificate('a', { shop: 'ReadWrite', SHOPSHARDED: 'ReadWrite' })]],
    ['more on the target', [certificate('a', { Shop: 'Read', ShopSharded: 'Admin' })]],
    ['clearance Operator', [certificate('a', {}, 'Operator')]],
    ['rights elsewhere only', [certificate('a', { Other: 'Admin' })]],
  ])('with %s need nothing', (_what, list) => {
    expect(onOneServer(...list)).toEqual([]);
  });

  test('that may do less on the target are named', () => {
    expect(
      onOneServer(
        certificate('app', { Shop: 'ReadWrite' }),
        certificate('report', { Shop: 'ReadWrite', ShopSharded: 'Read' }),
        certificate('fine', { Shop: 'Read', ShopSharded: 'Read' }),
      ),
    ).toEqual([
      {
        about: 'Certificates',
        text: '"app" (ReadWrite), "report" (ReadWrite): may do less on "ShopSharded" than on "Shop". Edit the certificate there.',
      },
    ]);
  });

  test('that the server of the target does not know, or lets do everything', () => {
    const app = certificate('app', { Shop: 'Admin' });
    const other = { ...app, Permissions: {}, SecurityClearance: 'Operator' };
    expect(left({ certificates: [[app], []] })).toEqual([
      { about: 'Certificates', text: expect.stringContaining('"app" (Admin)') },
    ]);
    expect(left({ certificates: [[app], [other]] })).toEqual([]);
  });

  test('that a server keeps from us are said to be unknown', () => {
    expect(left({ certificates: [undefined, []] })).toEqual([
      { about: 'Certificates', text: expect.stringContaining('takes clearance Operator') },
    ]);
  });
});
