/** Plans of migrations, as tests make and read them. */
import type { PlannedMigration } from '../../../src/core/plan/migration-plan.ts';
import { Application } from '../data/application.ts';
import { createDatabase } from '../data/databases.ts';
import type { Stack } from '../servers/stack.ts';
import { startByCli } from '../servers/temporal-cli.ts';

/** What `planMigration` returns. */
export type Planned = PlannedMigration & { phase: string; workflowId: string; reportPath: string };

/** One side of an input. */
export const side = (database: string, connection = 'local') => ({ connection, database });

/** The input of a migration into three shards. */
export function planInput(stack: Stack, source: string, target = stack.databaseName('target')) {
  return { source: side(source), target: { ...side(target), shards: 3 } };
}

/** Starts `planMigration` by Temporal's command line, and gives its result. */
export async function plan(stack: Stack, input: object): Promise<Planned> {
  return (await (await startByCli(stack, 'planMigration', input)).handle.result()) as Planned;
}

/** The status of checks by their names: of the wanted ones, or of all that are not ok. */
export function statuses({ checks }: Planned, ...wanted: string[]): Record<string, string> {
  const some = checks.filter(({ name, status }) =>
    wanted.length > 0 ? wanted.includes(name) : status !== 'ok',
  );
  return Object.fromEntries(some.map(({ name, status }) => [name, status]));
}

/** Makes a source, and fills it. */
export async function newSource(
  stack: Stack,
  fill?: (application: Application) => Promise<void>,
): Promise<string> {
  const source = stack.databaseName('source');
  await createDatabase(stack.raven, source);
  await fill?.(new Application(stack.raven, source));
  return source;
}
