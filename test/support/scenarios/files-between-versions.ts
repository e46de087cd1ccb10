/** Files that a server wrote, imported into a sharded database of another version. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { beforeAll, expect, test } from 'vitest';
import type { ImportResult } from '../../../src/core/run/results.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { raftLog } from '../../../src/ravendb/requests/fencing.ts';
import { fullBackup } from '../data/backups.ts';
import { createEverything } from '../data/everything.ts';
import { differences } from '../oracle/compare.ts';
import type { TwoVersions } from '../servers/two-versions.ts';

/** Declares the tests. The worker runs. */
export function filesBetweenVersions(both: () => TwoVersions): void {
  let source: string;

  beforeAll(async () => {
    const { stack, old } = both();
    source = stack.databaseName('files');
    await createEverything(old, source, { plain: 50 });
  });

  async function imports(type: 'importDump' | 'importBackup', input: object): Promise<void> {
    const { stack, old } = both();
    const target = { connection: 'local', database: stack.databaseName('target'), shards: 2 };
    const run = await stack.start({ ...input, target }, undefined, type);
    const result: ImportResult = await run.handle.result();
    expect(result.phase).toBe('completed');
    const options = { into: stack.raven, without: ['index states'] } as const;
    expect(await differences(old, source, target.database, options)).toEqual([]);
    // some versions hang for good on this one, and so does their cluster
    const { commands } = await raftLog(stack.raven);
    expect(commands.map(({ CommandType }) => CommandType)).not.toContain('PutSubscriptionBatchCommand');
  }

  test('a dump that the server itself wrote arrives whole', async () => {
    const { stack, old } = both();
    const path = join(stack.directory, `${source}.ravendbdump`);
    // as its Studio exports: what RavenDB takes by default
    const dump = await new Database(old, source).open({
      doing: 'Exporting',
      method: 'POST',
      path: 'smuggler/export',
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
    });
    await pipeline(dump, createWriteStream(path));
    await imports('importDump', { dump: { path } });
  });

  test('a backup that the server itself made arrives whole', async () => {
    const { stack, old } = both();
    const folder = join(stack.directory, `backup-of-${source}`);
    await mkdir(folder);
    const { folder: path } = await fullBackup(old, source, folder);
    await imports('importBackup', { backup: { path } });
  });
}
