/**
 * One round of catch-up: what changed on the source since a position, as one delta that is imported twice.
 * First the deletions alone, then all that is there. In one pass RavenDB loses documents that moved between
 * collections and breaks attachments; in two, a round may be repeated and may overlap others.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ItemType, importDump, startExport } from '../ravendb/smuggler.ts';
import type { Environment, Run } from './environment.ts';
import { DATA, DELETIONS, type Transfer } from './transfer.ts';

/** Carries everything that changed since a position. */
export async function carryRound(environment: Environment, run: Run, transfer: Transfer): Promise<void> {
  await withDelta(environment, run, transfer, [...DATA, ...DELETIONS], async (apply) => {
    await apply(DELETIONS);
    await apply(DATA);
  });
}

/** Carries only what was deleted since a position. */
export async function carryDeletions(environment: Environment, run: Run, transfer: Transfer): Promise<void> {
  await withDelta(environment, run, transfer, DELETIONS, (apply) => apply(DELETIONS));
}

/** Both passes must see the same snapshot, so the delta is kept in a file until they are done. */
async function withDelta(
  { config }: Environment,
  run: Run,
  { source, target, from }: Transfer,
  types: readonly ItemType[],
  use: (apply: (types: readonly ItemType[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const directory = join(config.dumpDirectory, 'rounds');
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${randomUUID()}.ravendbdump`);
  try {
    const since = { startEtag: from.etag + 1, startRaftIndex: from.raftIndex + 1 };
    const { http } = run.connection(source.connection);
    const running = await startExport(http, source.database, { types, ...since });
    await pipeline(running.body, createWriteStream(file), { signal: run.signal });
    await running.finished();
    const into = run.connection(target.connection).http;
    await use(async (pass) => {
      await importDump(into, target.database, createReadStream(file), { types: pass });
    });
  } finally {
    await rm(file, { force: true });
  }
}
