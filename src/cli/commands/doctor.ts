import { loadSettings, type Settings } from '../../config/config.ts';
import { blocker, type Check, ok, warning } from '../../core/plan/check.ts';
import { registeringCommand } from '../../core/run/search-attributes.ts';
import { checkConnection } from '../../engine/plan/check-connection.ts';
import { checkFolders } from '../../engine/work/check-folders.ts';
import { Connections } from '../../ravendb/connection/connection.ts';
import {
  connectTemporal,
  missingSearchAttributes,
  noWorkerPolls,
  pollersOf,
  serverVersion,
  type Temporal,
} from '../run/temporal.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { paletteFor } from '../terminal/palette.ts';
import { checkBlocks } from '../view/check-lines.ts';

/**
 * `shardlift doctor`: looks at all that a worker needs, from where it is called: Temporal, workers, servers, folders.
 * The exit code says whether something blocks a migration.
 */
export async function doctor({ json = false }: { json?: boolean }): Promise<ExitCode> {
  const settings = loadSettings();
  const [temporal, servers, folders] = await Promise.all([
    checkTemporal(settings.taskQueue),
    checkConnections(settings),
    checkFolders({ config: settings }),
  ]);
  const checks = [...temporal, ...servers, ...folders];
  const lines = json ? checks.map((check) => JSON.stringify(check)) : linesOf(checks);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return checks.some(({ status }) => status === 'blocker') ? exitCodes.blocked : exitCodes.ok;
}

function linesOf(checks: readonly Check[]): string[] {
  const setting = {
    width: Math.min(process.stdout.columns ?? 100, 110),
    palette: paletteFor(process.stdout),
  };
  const blocks = checkBlocks(checks, setting).filter((block) => block.length > 0);
  return [...blocks.flatMap((block) => ['', ...block]), ''];
}

async function checkTemporal(taskQueue: string): Promise<Check[]> {
  let temporal: Temporal;
  try {
    temporal = await connectTemporal();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [blocker('Temporal', [error.message, error.hint].filter(Boolean).join(' '))];
  }
  try {
    const { address, namespace } = temporal;
    const version = await serverVersion(temporal);
    const there = ok('Temporal', `Server ${version} at ${address}, namespace "${namespace}".`);
    return [there, ...(await checkWorkers(temporal, taskQueue)), await checkSearchAttributes(temporal)];
  } catch (error) {
    return [
      blocker('Temporal', `Temporal at ${temporal.address} does not answer: ${(error as Error).message}.`),
    ];
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

async function checkConnections({ connections: known, tuning }: Settings): Promise<Check[]> {
  const names = Object.keys(known);
  if (names.length === 0) {
    const message =
      'No connection to RavenDB is configured here. Name one in shardlift.yaml, or by SHARDLIFT_CONNECTION_<NAME>_URLS; or call this ' +
      'where a worker runs.';
    return [warning('connections', message)];
  }
  const connections = new Connections(known, tuning.connection);
  try {
    return (await Promise.all(names.map((name) => checkConnection(connections.get(name))))).flat();
  } finally {
    connections.close();
  }
}
