import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Application } from '../../support/data/application.ts';
import { createEverything } from '../../support/data/everything.ts';
import { PLANTS } from '../../support/data/plants.ts';
import { FEW_VICTIMS } from '../../support/data/victims.ts';
import { differences } from '../../support/oracle/compare.ts';
import { Stack, until } from '../../support/servers/stack.ts';
import { temporal } from '../../support/servers/temporal-cli.ts';

/** All but one: sums of digests do not tell in which order revisions are. */
const DAMAGES = PLANTS.filter(({ found }) => !found.some((what) => what.includes('are in another order')));

describe('a migration whose target was damaged before the cutover', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());

  test('lists what differs, repairs it on request, and goes through', async () => {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createEverything(stack.raven, source, { plain: 20, victims: FEW_VICTIMS });
    const migration = await stack.migrate(source, { target });
    await migration.reaches('awaiting-approval');
    const early = temporal(
      stack,
      ...['workflow', 'update', 'execute', '-w', migration.id, '--name', 'repair'],
      ...['--input', '{"by":"ann"}'],
    );
    await expect(early).rejects.toThrow(/found nothing to repair/);

    const application = new Application(stack.raven, target);
    for (const { plant } of DAMAGES) await plant(application);
    await migration.approve();
    await until('the freeze is undone', async () => (await migration.progress()).attention !== null);
    const { verification } = await migration.reaches('awaiting-approval');
    // entries that only the target has are taken away by every verification
    expect(verification?.mismatches).toBeGreaterThan(DAMAGES.length - 3);
    const page = await migration.page();
    const [first] = verification?.differences ?? [];
    expect(page).toContain(`\`${first?.id}\``);
    expect(page).toContain('--name repair');

    await temporal(
      stack,
      ...['workflow', 'update', 'execute', '-w', migration.id, '--name', 'repair'],
      ...['--input', '{"by":"ann","note":"a restore went wrong"}'],
    );
    await until('all is compared again', async () => {
      const { phase, verification: last } = await migration.progress();
      return phase === 'awaiting-approval' && last?.mismatches === 0;
    });
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, source, target)).toEqual([]);
    const { repairs } = await stack.report(migration.id);
    expect(repairs).toMatchObject([{ by: 'ann', note: 'a restore went wrong', after: [] }]);
    expect(repairs[0]?.before.length).toBe(verification?.differences.length);
  });
});
