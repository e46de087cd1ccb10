import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { approvalMode } from '../../src/cli/commands/migrate.ts';
import { openView, printEnding, watchToTheEnd } from '../../src/cli/commands/watch-run.ts';
import { type Ending, endingJson } from '../../src/cli/run/ending.ts';
import { userName } from '../../src/cli/run/fields.ts';
import { migrationSummary } from '../../src/cli/run/input.ts';
import { startRun } from '../../src/cli/run/start.ts';
import { ask } from '../../src/cli/run/temporal.ts';
import { CliError, Interrupted } from '../../src/cli/terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../../src/cli/terminal/exit-codes.ts';
import { untilInterrupted } from '../../src/cli/terminal/interrupt.ts';
import {
  type copyMethods,
  type MigrateDatabaseInput,
  parseMigrateDatabase,
} from '../../src/core/contract/contract.ts';
import { indented, reachingCommands } from '../playground/next-steps.ts';
import { createSampleDatabase } from '../playground/sample-database.ts';
import { DEMO_CONNECTION } from './demo-environment.ts';
import { openPlayground, type Playground } from './playground.ts';
import { type SampleNames, sampleNames } from './sample-names.ts';

/** The options of `npm run demo`. */
export interface DemoOptions {
  yes?: boolean;
  keep?: boolean;
  json?: boolean;
  shards: string;
  method?: (typeof copyMethods)[number];
}

const MAX_TIMER_MS = 2 ** 31 - 1;
const CANCEL_WITHIN_MS = 15_000;

/** `npm run demo`: a whole migration of sample data, on servers that are started for it. */
export async function demo(options: DemoOptions): Promise<ExitCode> {
  // a wrong option is refused before anything is fetched or started
  demoInput(sampleNames(), options, true);
  return await untilInterrupted(async (controller) => {
    const playground = await openPlayground(controller, say);
    let failed = true;
    try {
      const exitCode = await play(playground, controller, options);
      failed = exitCode === exitCodes.failed;
      return exitCode;
    } catch (error) {
      failed = !(error instanceof Interrupted);
      throw error;
    } finally {
      if (failed) say(`The worker's log: ${playground.workerLog}`);
      say('Stopping the worker and the servers ...');
      await playground.close({ keepLog: failed });
      say(farewell(playground, failed || options.keep || controller.signal.aborted));
    }
  });
}

async function play(
  playground: Playground,
  controller: AbortController,
  options: DemoOptions,
): Promise<ExitCode> {
  const { temporal, commands, taskQueue, ravendb, servers } = playground;
  say('RavenDB: loading sample data');
  const names = sampleNames(servers.ravendb.isOurs ? undefined : taskQueue.split('-').at(-1));
  await createSampleDatabase(ravendb, names.source);
  const workflowId = taskQueue;
  const input = demoInput(names, options, servers.ravendb.isOurs);
  const summary = migrationSummary(input);
  const handle = await startRun(temporal, {
    type: 'migrateDatabase',
    ...{ input, summary, workflowId, taskQueue, commands },
  });
  say(`\nMigrating "${names.source}" to "${names.target}", workflow ${workflowId}`);
  const links = linksOf(playground, names, workflowId);
  sayLinks(links);

  const ending = await watchDemo(playground, handle, controller, options);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...endingJson(ending), ...jsonOf(links) })}\n`);
  else printEnding(ending, false);
  if (options.keep) {
    for (const line of await whatIsThere(playground, links)) say(line);
    await sleep(MAX_TIMER_MS, undefined, { signal: controller.signal }).catch(() => undefined);
    controller.signal.throwIfAborted();
  }
  return ending.exitCode;
}

async function watchDemo(
  { temporal, commands, taskQueue, servers }: Playground,
  handle: WorkflowHandle,
  controller: AbortController,
  options: DemoOptions,
): Promise<Ending> {
  const mode = approvalMode(options);
  const signature = { by: userName(), note: options.yes ? '--yes' : 'at the prompt of the demo' };
  const view = await openView({
    commands,
    json: false,
    approves: mode !== undefined,
    leaving: 'Ctrl-C stops everything.',
  });
  const approval = mode && { mode, signature, noMeansReject: true };
  try {
    return await watchToTheEnd({ temporal, handle, taskQueue, commands, view, controller, approval });
  } catch (error) {
    // this Temporal keeps running: a migration in it would wait for a worker that never returns
    if (!servers.temporal) await cancel(handle);
    throw error;
  }

  async function cancel({ workflowId }: WorkflowHandle): Promise<void> {
    say(`Canceling ${workflowId} ...`);
    const { client } = temporal;
    try {
      await ask(temporal, () => handle.cancel());
      await client.withDeadline(Date.now() + CANCEL_WITHIN_MS, () => handle.result());
    } catch (error) {
      if ((error as Error).name === 'WorkflowFailedError') return;
      await ask(temporal, () => handle.terminate('the demo was stopped')).catch(() => undefined);
    }
  }
}

/**
 * @param isOurs whether nobody else uses the server: what others do with compare exchange undoes a fence in its first moment
 * @throws CliError if an option is invalid
 */
function demoInput(
  { source, target }: SampleNames,
  { shards, method }: DemoOptions,
  isOurs: boolean,
): MigrateDatabaseInput {
  const input = {
    source: { connection: DEMO_CONNECTION, database: source },
    target: { connection: DEMO_CONNECTION, database: target, shards: Number(shards) },
    ...(method && { method }),
    // both databases can be looked at afterwards
    ...(isOurs
      ? { freeze: 'fence' as const, sourceAfterCutover: 'open' as const }
      : { freeze: 'quiet' as const, quietFor: '2s' }),
  };
  const parsed = parseMigrateDatabase(input);
  if (!parsed.ok) throw new CliError(parsed.problem, undefined, exitCodes.usage);
  return input;
}

function linksOf({ servers, temporal }: Playground, { target }: SampleNames, workflowId: string) {
  const ui = servers.temporal?.uiUrl;
  return {
    'Temporal UI': ui
      ? `${ui}/namespaces/${temporal.namespace}/workflows/${encodeURIComponent(workflowId)}`
      : undefined,
    'RavenDB Studio': `${servers.ravendb.studioUrl}#databases/documents?&database=${encodeURIComponent(target)}`,
  };
}

function jsonOf(links: ReturnType<typeof linksOf>): Record<string, string | null> {
  return { temporalUi: links['Temporal UI'] ?? null, studio: links['RavenDB Studio'] };
}

function sayLinks(links: ReturnType<typeof linksOf>): void {
  for (const line of linesOf(links)) say(line);
}

function linesOf(links: ReturnType<typeof linksOf>): string[] {
  return Object.entries(links).flatMap(([title, url]) => (url ? [`  ${title.padEnd(16)}${url}`] : []));
}

/** For whoever looks around. */
async function whatIsThere(
  { servers, taskQueue }: Playground,
  links: ReturnType<typeof linksOf>,
): Promise<string[]> {
  return [
    '',
    'Everything is still running. Ctrl-C stops it.',
    '',
    ...linesOf(links),
    '',
    'In another terminal, so that it reaches these servers:',
    '',
    ...indented(await reachingCommands({ ...servers, taskQueue })),
    ...indented([`npm run shardlift -- watch ${taskQueue}`, `temporal workflow describe -w ${taskQueue}`]),
    '',
  ];
}

function farewell({ servers }: Playground, isShort: boolean): string {
  const kept = servers.ravendb.isOurs ? '' : ` The databases stay on ${servers.ravendb.url}.`;
  return `Stopped.${kept}${isShort ? '' : ' Use --keep to leave everything running and look around.'}`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
