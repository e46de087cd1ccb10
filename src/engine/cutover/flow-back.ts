/**
 * Carries what changes on a sharded database back into the old one, through the name that only Shardlift knows, and compares
 * it. Each shard is a storage with etags of its own. A bucket that moves between shards leaves tombstones on the one that
 * loses it: they are no deletions.
 */
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Difference, documentIds, ONLY_ON_TARGET } from '../../core/compare/verification.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { ItemName } from '../../core/copy/refused.ts';
import type { FencePlan } from '../../core/cutover/fence.ts';
import {
  countBehind,
  type FlowedBack,
  type FlowedStorage,
  MOST_DIFFERING,
} from '../../core/cutover/flow-back.ts';
import { distinctIds, lowerCase } from '../../core/sharding/buckets.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { ownerId, tombstoneId, tombstoneOwner } from '../../ravendb/dump/dump-items.ts';
import { deletedInBatches } from '../../ravendb/dump/scan.ts';
import { readIds } from '../../ravendb/requests/documents.ts';
import { storageStats } from '../../ravendb/requests/statistics.ts';
import { SHARDED } from '../../ravendb/smuggler/item-types.ts';
import {
  applyDeletions,
  applyItems,
  type Delta,
  exportDelta,
  withDeltaFile,
} from '../catch-up/delta-round.ts';
import { changedIds } from '../compare/changed-ids.ts';
import { compareById } from '../compare/compare-documents.ts';
import { withoutSkipped } from '../compare/skipped-items.ts';
import { deleteMovedDocuments } from '../transfer/moved-documents.ts';
import { incrementCounters } from '../transfer/refused-counters.ts';
import { chunks } from '../work/chunks.ts';
import { lastHeartbeat } from '../work/last-heartbeat.ts';
import type { Work } from '../work/work.ts';
import { aliased, assertClosed } from './fence.ts';

const BATCH = 500;

/** What flows back, and for how long. */
export interface FlowBackInput extends FlowedBack {
  /** The fence around the old database. */
  plan: FencePlan;
  /** Where the sharded database is read by id: itself, or behind a fence its storages. */
  readers: readonly DatabaseRef[];
  /** `equal`: one round, from storages that nobody writes to. */
  until: 'canceled' | 'equal';
  /** Items that the old database may be without. */
  skipped?: readonly ItemName[];
}

/** Where it stands then. */
export interface FlowedBackResult extends FlowedBack {
  /** What differed at the last look. */
  differences: Difference[];
}

const heartbeatSchema: z.ZodType<FlowedBack> = z.object({
  storages: z.array(
    z.object({
      connection: z.string(),
      database: z.string(),
      databaseId: z.string(),
      lastEtag: z.number(),
      comparedEtag: z.number(),
    }),
  ),
  differing: z.array(z.string()),
});

/** Carries round after round. @returns where it stands when the workflow cancels it, or after one round. @throws RavenError */
export async function flowBack(work: Work, input: FlowBackInput): Promise<FlowedBackResult> {
  const { storages, differing } = lastHeartbeat(work, heartbeatSchema) ?? input;
  const flow = new Flow(work, input, { storages, differing });
  try {
    await flow.run();
  } catch (error) {
    if (!(input.until === 'canceled' && work.canceledByWorkflow)) throw error;
  }
  return flow.reached;
}

class Flow {
  readonly reached: FlowedBackResult;
  readonly #work: Work;
  readonly #input: FlowBackInput;
  readonly #old: Database;

  constructor(work: Work, input: FlowBackInput, from: FlowedBack) {
    this.#work = work;
    this.#input = input;
    this.reached = { ...from, differences: [] };
    const [storage] = input.plan.storages;
    if (!storage) throw new Error('a fence without a storage');
    this.#old = aliased(work, input.plan, storage);
  }

  async run(): Promise<void> {
    const { reached } = this;
    const work = this.#work;
    const { pauseMs, maxPauseMs } = work.tuning.catchUp;
    let pause = pauseMs;
    let told: string | undefined;
    for (;;) {
      work.signal.throwIfAborted();
      const now = await this.#whereTheyStand();
      const lag = countBehind(reached.storages, now);
      if (lag > 0) {
        await this.#carry(now);
        reached.storages = now;
      }
      await this.#compare();
      work.heartbeat({ storages: reached.storages, differing: reached.differing } satisfies FlowedBack);
      if (this.#input.until === 'equal') return;
      // each report adds events to the history: report only changes
      const differing = reached.differing.length;
      const tell = JSON.stringify([lag, differing]);
      if (tell !== told) work.report({ lag, differingBack: differing });
      told = tell;
      pause = lag > 0 ? pauseMs : Math.min(maxPauseMs, pause * 2);
      await sleep(pause, undefined, { signal: work.signal });
    }
  }

  async #whereTheyStand(): Promise<FlowedStorage[]> {
    const work = this.#work;
    await assertClosed(work, this.#input.plan, { retryable: true });
    // an idle database is unloaded, and its storage is free then
    await storageStats(this.#old);
    return await askEach(this.#old.http.tuning, this.reached.storages, async (storage) => {
      const { databaseId, lastEtag } = await storageStats(work.database(storage));
      if (databaseId === storage.databaseId) return { ...storage, lastEtag };
      throw new RavenError(
        `Another node answers for "${storage.database}", or it was restored: what has changed since the switch cannot be told.`,
        { kind: failures.sourceChanged, retryable: false },
      );
    });
  }

  /** All deletions first: what a shard has lost to another one is there with the items. */
  async #carry(now: readonly FlowedStorage[]): Promise<void> {
    const work = this.#work;
    const target = this.#old;
    const behind = this.reached.storages.filter(({ lastEtag }, at) => lastEtag < (now[at]?.lastEtag ?? 0));
    await this.#withDeltas(behind, [], async (deltas) => {
      for (const { source, delta } of deltas) {
        const others = this.reached.storages
          .map((storage) => work.database(storage))
          .filter(({ name }) => name !== source.name);
        const moved = await livingOn(others, delta);
        await applyDeletions(
          work,
          { source, target },
          delta,
          (list, json) => !moved.has(ownerOf(list, json)),
        );
      }
      for (const { source, delta } of deltas) {
        await deleteMovedDocuments(target, decompressed(createReadStream(delta.file)));
        await applyItems(work, { source, target }, delta, { ownsEntries: true });
      }
    });
  }

  async #withDeltas(
    behind: readonly FlowedStorage[],
    deltas: readonly { source: Database; delta: Delta }[],
    use: (deltas: readonly { source: Database; delta: Delta }[]) => Promise<void>,
  ): Promise<void> {
    const [storage, ...others] = behind;
    if (!storage) return await use(deltas);
    const work = this.#work;
    const source = work.database(storage);
    await withDeltaFile(work, async (file) => {
      const types = [...SHARDED, 'Tombstones', 'TimeSeriesDeletedRanges'] as const;
      const counts = await exportDelta(work, source, { file, types, startEtag: storage.lastEtag + 1 });
      await this.#withDeltas(others, [...deltas, { source, delta: { file, counts } }], use);
    });
  }

  /** Looks at what has changed since the last look, and once more at what differed then. */
  async #compare(): Promise<void> {
    const { reached } = this;
    const found: Difference[] = [];
    const look = async (ids: readonly string[]) => {
      for (const some of chunks(distinctIds(ids), BATCH)) found.push(...(await this.#differing(some)));
    };
    await look(reached.differing);
    for (const storage of reached.storages) {
      if (storage.comparedEtag >= storage.lastEtag) continue;
      for await (const ids of changedIds(this.#work.database(storage), storage.comparedEtag)) await look(ids);
    }
    reached.differences = withoutSkipped(found, this.#input.skipped);
    const differing = documentIds(reached.differences);
    if (differing.length > MOST_DIFFERING) return;
    reached.differing = differing;
    reached.storages = reached.storages.map((storage) => ({ ...storage, comparedEtag: storage.lastEtag }));
  }

  /** What differs of some documents between the sharded database and the old one. */
  async #differing(ids: readonly string[]): Promise<Difference[]> {
    const target = this.#old;
    const nowhere = new Map(ids.map((id) => [lowerCase(id), id]));
    const found: Difference[] = [];
    for (const ref of this.#input.readers) {
      const source = this.#work.database(ref);
      const here = [...(await readIds(source, [...nowhere.values()])).values()];
      for (const id of here) nowhere.delete(lowerCase(id));
      if (here.length > 0) found.push(...(await compareAndMend({ source, target }, here)));
    }
    if (nowhere.size === 0) return found;
    const left = await readIds(target, [...nowhere.values()]);
    for (const id of left.values()) found.push({ kind: 'document', id, what: `is ${ONLY_ON_TARGET}` });
    return found;
  }
}

/**
 * A counter is the sum of what each storage has added. What the old one has added itself stays there when the counter is
 * deleted on the sharded database and begins anew, or grows on from what was copied: the difference is added to it.
 */
async function compareAndMend(databases: Pair<Database>, ids: readonly string[]): Promise<Difference[]> {
  const options = { extraAllowed: false };
  const found = await compareById(databases, ids, options);
  const counted = documentIds(found.filter(({ kind }) => kind === 'counter'));
  if (counted.length === 0) return found;
  await askEach(databases.target.http.tuning, counted, (id) => incrementCounters(databases, id));
  const mended = new Set(counted.map(lowerCase));
  return [
    ...found.filter(({ id }) => !mended.has(lowerCase(id))),
    ...(await compareById(databases, counted, options)),
  ];
}

/** The document, by its id in lower case, that a deletion is of. */
function ownerOf(list: string, json: Buffer): string {
  return list === 'Tombstones' ? (tombstoneId(json) ?? tombstoneOwner(json) ?? '') : ownerId(json);
}

/** Ids, in lower case, of what a delta lists as deleted and others hold. */
async function livingOn(others: readonly Database[], { file, counts }: Delta): Promise<Set<string>> {
  const living = new Set<string>();
  if (!counts.tombstones) return living;
  for (const idOf of [tombstoneId, tombstoneOwner]) {
    for await (const ids of deletedInBatches(decompressed(createReadStream(file)), idOf)) {
      for (const other of others)
        for (const id of (await readIds(other, ids)).values()) living.add(lowerCase(id));
    }
  }
  return living;
}
