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
import type { MigrateDatabaseConfig } from '../core/contract.ts';
import type { Position } from '../core/progress.ts';
import { type ItemType, importDump, startExport } from '../ravendb/smuggler.ts';
import type { Environment } from './environment.ts';
import { DATA, DELETIONS } from './transfer.ts';

/** Carries everything that changed since a position. */
export async function carryRound(
  environment: Environment,
  input: MigrateDatabaseConfig & { from: Position },
  signal: AbortSignal,
): Promise<void> {
  await withDelta(environment, input, [...DATA, ...DELETIONS], signal, async (apply) => {
    await apply(DELETIONS);
    await apply(DATA);
  });
}

/** Carries only what was deleted since a position. */
export async function carryDeletions(
  environment: Environment,
  input: MigrateDatabaseConfig & { from: Position },
  signal: AbortSignal,
): Promise<void> {
  await withDelta(environment, input, DELETIONS, signal, (apply) => apply(DELETIONS));
}

/** Both passes must see the same snapshot, so the delta is kept in a file until they are done. */
async function withDelta(
  { connections, config }: Environment,
  { source, target, from }: MigrateDatabaseConfig & { from: Position },
  types: readonly ItemType[],
  signal: AbortSignal,
  use: (apply: (types: readonly ItemType[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const directory = join(config.dumpDirectory, 'rounds');
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${randomUUID()}.ravendbdump`);
  try {
    const running = await startExport(
      connections.get(source.connection).http,
      { database: source.database, signal },
      { types, startEtag: from.etag + 1, startRaftIndex: from.raftIndex + 1 },
    );
    await pipeline(running.body, createWriteStream(file), { signal });
    await running.finished();
    const { http } = connections.get(target.connection);
    await use(async (pass) => {
      const call = { database: target.database, signal };
      await importDump(http, call, createReadStream(file), { types: pass });
    });
  } finally {
    await rm(file, { force: true });
  }
}
