import { loadSettings, type Settings } from '../../config/config.ts';
import { blocker, type Check, ok, warning } from '../../core/plan/check.ts';
import { registeringCommand } from '../../core/run/search-attributes.ts';
import { checkLeftovers } from '../../engine/cleanup/left-on-server.ts';
import { checkConnections } from '../../engine/plan/check-connection.ts';
import { checkFolders } from '../../engine/work/check-folders.ts';
import { runningIds } from '../run/list-runs.ts';
import {
  connectTemporal,
  missingSearchAttributes,
  noWorkerPolls,
  pollersOf,
  serverVersion,
  type Temporal,
} from '../run/temporal.ts';
import { CliError, explain } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { printChecks } from '../view/check-lines.ts';

/**
 * `shardlift doctor`: looks at all that a worker needs, from where it is called: Temporal, workers, servers, folders.
 * The exit code says whether something blocks a migration.
 */
export async function doctor({ json = false }: { json?: boolean }): Promise<ExitCode> {
  const settings = loadSettings();
  const asking = checkTemporal(settings.taskQueue);
  const [temporal, servers, folders] = await Promise.all([
    asking,
    checkConfigured(settings, asking),
    checkFolders({ config: settings }),
  ]);
  const checks = [...temporal.checks, ...servers, ...folders];
  if (json) process.stdout.write(checks.map((check) => `${JSON.stringify(check)}\n`).join(''));
  else printChecks(checks);
  return checks.some(({ status }) => status === 'blocker') ? exitCodes.blocked : exitCodes.ok;
}

interface OfTemporal {
  checks: Check[];
  /** The ids of what runs, where Temporal tells them. */
  running?: string[];
}

async function checkTemporal(taskQueue: string): Promise<OfTemporal> {
  let temporal: Temporal;
  try {
    temporal = await connectTemporal();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { checks: [blocker('Temporal', [error.message, error.hint].filter(Boolean).join(' '))] };
  }
  try {
    const { address, namespace } = temporal;
    const version = await serverVersion(temporal);
    const there = ok('Temporal', `Server ${version} at ${address}, namespace "${namespace}".`);
    return {
      checks: [there, ...(await checkWorkers(temporal, taskQueue)), await checkSearchAttributes(temporal)],
      running: await runningIds(temporal),
    };
  } catch (error) {
    const { message, hint = '' } = explain(error);
    const sentence = `Temporal at ${temporal.address} cannot be used: ${message} ${hint}`.trim();
    return { checks: [blocker('Temporal', sentence)] };
  } finally {
    await temporal.close();
  }
}

async function checkWorkers(temporal: Temporal, taskQueue: string): Promise<Check[]> {
  const name = 'workers';
  const pollers = await pollersOf(temporal, taskQueue);
  if (pollers.length === 0) {
    return [blocker(name, noWorkerPolls(taskQueue))];
  }
  const who = pollers.map(({ identity }) => identity).join(', ');
  const versions = new Set(pollers.map(({ buildId }) => buildId));
  if (versions.size > 1) {
    const message = `${who} poll task queue "${taskQueue}" with different code. Run the same version everywhere.`;
    return [warning(name, message)];
  }
  return [ok(name, `Task queue "${taskQueue}" is polled by ${who}.`)];
}

/** Nothing but lists of workflows needs them. */
async function checkSearchAttributes(temporal: Temporal): Promise<Check> {
  const name = 'search attributes';
  try {
    const missing = await missingSearchAttributes(temporal);
    if (missing.length === 0)
      return ok(name, 'Lists of workflows can be filtered by source, target, method, phase and attention.');
    const advice = `To register them: ${registeringCommand(missing, temporal.namespace)}`;
    return warning(name, `Namespace "${temporal.namespace}" lacks ${missing.join(', ')}. ${advice}`);
  } catch (error) {
    return warning(name, `Temporal does not tell its search attributes: ${(error as Error).message}.`);
  }
}

async function checkConfigured(
  { connections: known, tuning }: Settings,
  asking: Promise<OfTemporal>,
): Promise<Check[]> {
  if (Object.keys(known).length === 0) {
    const message =
      'No connection to RavenDB is configured here. Add one by `shardlift init` or SHARDLIFT_CONNECTION_<NAME>_URLS, or call this ' +
      'where a worker runs.';
    return [warning('connections', message)];
  }
  const patience = { ...tuning.connection, silentMs: tuning.cli.examineMs };
  return await checkConnections(known, patience, async (connection) => {
    const { running } = await asking;
    return running ? await checkLeftovers(connection, running) : [];
  });
}
