/** A request that is refused leaves nothing in the history, so a replay knows nothing of it. */
import { Worker } from '@temporalio/worker';
import { expect, inject, test } from 'vitest';
import { historiesOf } from '../support/histories.ts';
import { migrationIn } from './support/migration.ts';
import { tuning } from './support/tuning.ts';

/** So near comes the history by signals, which may be sent all at once. */
const EVENTS_BEFORE = 60;
/** A task that only refuses an update: the server that skips time keeps its events. */
const EVENTS_OF_A_REFUSAL = 3;

test('a request that is refused as the history gets long decides nothing that a replay would not decide', async () => {
  const { run } = await migrationIn('copying');
  const open = async () => tuning.continueAfterEvents - (await run.events());
  const signals = Array.from({ length: (await open()) - EVENTS_BEFORE }, (_, n) => `caller ${n}`);
  await Promise.all(signals.map((by) => run.signal('resume', { by })));
  // a task that asks for something, and one that asks for nothing: then a replay takes each refusal by itself
  await run.signal('throttle', { by: 'ann', maxItemsPerSecond: 5 });
  await run.calledFor('copyPiece', 2);
  await run.signal('approveCutover');
  const noted = async () => (await run.progress()).lastRefusal?.request === 'approveCutover';
  await run.until('it is noted', noted);
  for (let left = await open(); left >= -EVENTS_OF_A_REFUSAL; left -= EVENTS_OF_A_REFUSAL)
    expect(await run.refusalOf('resume')).toMatch(/is not paused/);
  await run.signal('resume');
  await run.until('it goes on in another run', async () => (await historiesOf(run.handle)).length > 1);
  const [events = []] = await historiesOf(run.handle);
  expect(events.length).toBeGreaterThan(tuning.continueAfterEvents);
  const workflowBundle = { codePath: inject('logicBundle') };
  await Worker.runReplayHistory({ workflowBundle }, { events }, run.handle.workflowId);
}, 60_000);
