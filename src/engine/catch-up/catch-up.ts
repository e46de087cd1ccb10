import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Position } from '../../core/copy/position.ts';
import type { CatchUp } from '../../core/copy/transfer.ts';
import { readPosition } from '../../ravendb/requests/statistics.ts';
import { syncClusterItems } from '../database-wide/cluster-items.ts';
import { syncIndexes } from '../database-wide/indexes.ts';
import { changesBetween } from '../transfer/position.ts';
import { findHindrances } from '../work/hindrances.ts';
import { lastHeartbeat } from '../work/last-heartbeat.ts';
import { openPair, type Work } from '../work/work.ts';
import { applyChanges, changesOf } from './changes.ts';

/** After this many rounds in a row that took as long as the one before, more of them do not bring the target closer. */
const ROUNDS_THAT_DO_NOT_SHRINK = 3;
const SHRINKS_TO = 0.8;

interface Heartbeat {
  position: Position;
}

const heartbeatSchema: z.ZodType<Heartbeat> = z.object({
  position: z.object({
    etag: z.number(),
    raftIndex: z.number(),
    compareExchange: z.string().optional(),
    databaseId: z.string(),
    nodeTag: z.string(),
  }),
});

/** Applies rounds of changes to the target. @returns the position that the target has reached */
export async function catchUp(work: Work, input: CatchUp): Promise<Position> {
  // a round that was complete when the worker died is not repeated
  const reached = lastHeartbeat(work, heartbeatSchema) ?? { position: input.from };
  work.heartbeat(reached);
  try {
    await runRounds(work, input, reached);
  } catch (error) {
    if (!(input.until === 'canceled' && work.canceledByWorkflow)) throw error;
  }
  return reached.position;
}

async function runRounds(work: Work, input: CatchUp, reached: { position: Position }): Promise<void> {
  const databases = openPair(work, input);
  const { allowExistingData } = input.target;
  await changesOf(input).begin(work, input);
  if (input.until !== 'carried') {
    // no delta contains deletions of keys and indexes that the source has forgotten
    work.report({
      notCarried: [
        ...(await syncClusterItems(databases, allowExistingData)),
        ...(await syncIndexes(databases, allowExistingData)),
      ],
    });
  }
  const { shortRoundMs, pauseMs, maxPauseMs } = work.tuning.catchUp;
  let pause = pauseMs;
  let reportedLag: number | undefined;
  let lastTook = Number.POSITIVE_INFINITY;
  let notShrunk = 0;
  const tellHindrances = hindrancesTeller(work, input);
  for (;;) {
    work.signal.throwIfAborted();
    if (input.until === 'canceled') await tellHindrances();
    // read before the export: what is written meanwhile is applied twice rather than never
    const now = await readPosition(databases.source);
    const lag = changesBetween(reached.position, now);
    // each report adds events to the history: report only changes
    if (lag !== reportedLag) work.report({ lag, position: reached.position });
    reportedLag = lag;
    const startedAt = Date.now();
    if (lag > 0) {
      // indexes come when all items are there
      const upTo = input.until === 'carried' ? { ...now, raftIndex: reached.position.raftIndex } : now;
      await applyChanges(work, { ...input, from: reached.position }, upTo);
      reached.position = now;
      work.heartbeat(reached satisfies Heartbeat);
    }
    if (input.until === 'carried' || (lag === 0 && input.until !== 'canceled')) return;
    const took = Date.now() - startedAt;
    notShrunk = took < lastTook * SHRINKS_TO ? 0 : notShrunk + 1;
    lastTook = took;
    const isClose = took < shortRoundMs || notShrunk >= ROUNDS_THAT_DO_NOT_SHRINK;
    if (input.until === 'close' && isClose) return;
    pause = lag > 0 ? pauseMs : Math.min(maxPauseMs, pause * 2);
    if (input.until === 'canceled') await sleep(pause, undefined, { signal: work.signal });
  }
}

/** Looks now and then at what keeps the source from being frozen, and reports what has changed. */
function hindrancesTeller(work: Work, { source }: CatchUp): () => Promise<void> {
  let told: string | undefined;
  let lookedAt = 0;
  return async () => {
    if (Date.now() - lookedAt < work.tuning.cutover.operationsLookMs) return;
    lookedAt = Date.now();
    const hindrances = await findHindrances(work, source);
    const found = hindrances.join();
    if (found !== told) work.report({ hindrances });
    told = found;
  };
}
