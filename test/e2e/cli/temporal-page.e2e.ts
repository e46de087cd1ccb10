import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { locateTemporal } from '../../../dev/servers/index.ts';
import { createItems } from '../../support/data/databases.ts';
import { differences } from '../../support/oracle/compare.ts';
import { Migration, Stack } from '../../support/servers/stack.ts';

const PAGE = readFileSync(new URL('../../../docs/temporal.md', import.meta.url), 'utf8');
const INPUT = /```json\n(.+?)```/s.exec(PAGE)?.[1] ?? '';
const [USUAL = ''] = PAGE.split('## What Temporal offers besides');
const COMMANDS = [...USUAL.matchAll(/^temporal .+$/gm)].map(([command]) => command);

const lists = COMMANDS.filter((command) => command.startsWith('temporal workflow list'));

/** Only what the page prints is run, so that it cannot go stale. */
describe('the Temporal CLI alone, as on docs/temporal.md', () => {
  let stack: Stack;
  let path: string;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.taskQueue = 'shardlift';
    process.env.SHARDLIFT_CONNECTION_PROD_URLS = stack.addresses.ravendbUrl;
    const temporal = await locateTemporal({});
    path = [dirname(temporal.command), process.env.PATH].join(delimiter);
    await stack.startWorker();
  });
  afterAll(async () => {
    delete process.env.SHARDLIFT_CONNECTION_PROD_URLS;
    await stack.close();
  });

  test('has commands to start, query, describe, approve in both ways, wait, and find runs', () => {
    const verbs = COMMANDS.map((command) => command.split(' ').slice(1, 3).join(' '));
    expect(verbs).toEqual([
      'workflow start',
      'workflow query',
      'workflow metadata',
      'workflow describe',
      'workflow update',
      'workflow signal',
      'workflow result',
      'workflow list',
      'workflow list',
      'workflow list',
    ]);
  });

  test.each(['update', 'signal'])('moves a database with an approval by %s', async (way) => {
    const source = stack.databaseName('Shop');
    const target = stack.databaseName('ShopSharded');
    const id = `migrate-shop-${way}`;
    await createItems(stack.raven, source, 300);
    const named = INPUT.replace('"ShopSharded"', `"${target}"`).replace('"Shop"', `"${source}"`);
    // what other tests do with compare exchange on this server would undo a fence
    const input = named.replace('{', '{ "freeze": "quiet",');
    await writeFile(join(stack.directory, 'migrate-shop.json'), input);
    const run = async (verb: string) => {
      const command = COMMANDS.find((each) => each.startsWith(`temporal workflow ${verb}`)) ?? '';
      return await shell(command.replaceAll('migrate-shop ', `${id} `).replace(/migrate-shop$/, id));
    };

    await run('start');
    await expect(run('start')).rejects.toThrow(/already/i);
    const migration = new Migration(stack.client.workflow.getHandle(id));
    await migration.reaches('awaiting-approval');
    expect(await run('query')).toContain('"phase":"awaiting-approval"');
    expect(await run('metadata')).toContain('approveCutover');
    expect(await run('describe')).toMatch(/catchUp/);
    const found = lists.map((list) => list.replaceAll("'prod/ShopSharded'", `'prod/${target}'`));
    const [waiting, attention, moved] = found.map((list) =>
      list.replaceAll("'prod/Shop'", `'prod/${source}'`),
    );
    await expect.poll(() => shell(waiting ?? '')).toContain(id);
    expect(await shell(moved ?? '')).toContain(id);
    expect(await shell(attention ?? '')).not.toContain(id);
    await run(way);
    expect(await run('result')).toContain('"phase":"completed"');
    await expect.poll(() => shell(waiting ?? '')).not.toContain(id);
    expect(await differences(stack.raven, source, target)).toEqual([]);
    expect((await stack.report(id)).approval).toMatchObject({ by: 'ann', note: 'application stopped' });
  });

  async function shell(command: string): Promise<string> {
    const env = { ...stack.environment(), PATH: path };
    const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd: stack.directory, env });
    return stdout;
  }
});
