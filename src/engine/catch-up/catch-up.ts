import { setTimeout as sleep } from 'node:timers/promises';
import { type Environment, perform, type Run } from '../../activities/perform.ts';
import type { Position } from '../../core/copy/position.ts';
import { readPosition } from '../../ravendb/requests/statistics.ts';
import { syncClusterItems } from '../database-wide/cluster-items.ts';
import { syncIndexes } from '../database-wide/indexes.ts';
import { changesBetween } from '../transfer/position.ts';
import type { Transfer } from '../transfer/transfer.ts';
import { carrierOf, carryChanges } from './changes.ts';

/**
 * When to stop: `carried` when what changed since has been carried once, and nothing but items; `close` when rounds have
 * become short, or do not become shorter; `equal` when source and target stand at the same position; `canceled` when
 * the workflow says so: then the position reached is the result, not an error.
 */
export type CatchUp = Transfer & { until: 'carried' | 'close' | 'equal' | 'canceled' };

/** A round shorter than this leaves little for the next one. */
const SHORT_ROUND_MS = 5_000;
/** Where this many rounds in a row have not become shorter, more of them will not bring the target any closer. */
const ROUNDS_THAT_DO_NOT_SHRINK = 3;
const SHRINKS_TO = 0.8;
/** Pauses between looks at a source that stands still; they grow, since each look costs the source something. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** Keeping the target in step with a source that is being written to. */
export function catchUpActivities(environment: Environment) {
  return {
    /** Carries rounds of changes over and gives the position that the target has reached. */
    catchUp: (input: CatchUp): Promise<Position> =>
      perform(environment, async (run) => {
        const reached = { position: resumedPosition(run.lastHeartbeat) ?? input.from };
        try {
          await carryRounds(environment, input, run, reached);
        } catch (error) {
          if (!(input.until === 'canceled' && run.cancelledByWorkflow)) throw error;
        }
        await run.flush();
        return reached.position;
      }),
  };
}

async function carryRounds(
  environment: Environment,
  input: CatchUp,
  run: Run,
  reached: { position: Position },
): Promise<void> {
  const source = run.connection(input.source.connection);
  await carrierOf(input).begin(run, input);
  if (input.until !== 'carried') {
    // what no delta tells: deletions of keys and indexes that the source has forgotten
    run.report({ notCarried: [...(await syncClusterItems(run, input)), ...(await syncIndexes(run, input))] });
  }
  let pause = FIRST_PAUSE_MS;
  let told: number | undefined;
  let lastTook = Number.POSITIVE_INFINITY;
  let notShrunk = 0;
  for (;;) {
    run.signal.throwIfAborted();
    // read before the export: what is written meanwhile is carried twice rather than never
    const now = await readPosition(source, input.source.database);
    const lag = changesBetween(reached.position, now);
    // each report is a few events of history: only what is new is told
    if (lag !== told) run.report({ lag, position: reached.position });
    told = lag;
    const startedAt = Date.now();
    if (lag > 0) {
      // indexes come when all items are there
      const carried = input.until === 'carried' ? { ...now, raftIndex: reached.position.raftIndex } : now;
      await carryChanges(environment, run, { ...input, from: reached.position }, carried);
      reached.position = now;
      run.heartbeat({ position: now });
    }
    if (input.until === 'carried' || (lag === 0 && input.until !== 'canceled')) return;
    const took = Date.now() - startedAt;
    notShrunk = took < lastTook * SHRINKS_TO ? 0 : notShrunk + 1;
    lastTook = took;
    const isClose = took < SHORT_ROUND_MS || notShrunk >= ROUNDS_THAT_DO_NOT_SHRINK;
    if (input.until === 'close' && isClose) return;
    pause = lag > 0 ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pause * 2);
    if (input.until === 'canceled') await sleep(pause, undefined, { signal: run.signal });
  }
}

/** A round that was finished before the worker died need not be repeated. */
function resumedPosition(heartbeat: unknown): Position | undefined {
  const { position } = (heartbeat ?? {}) as { position?: Position };
  return position;
}
