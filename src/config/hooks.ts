/** Named hooks in the worker's configuration: what is called at a cutover. Workflows know only their names. */
import { z } from 'zod';
import { parseDuration } from '../core/contract/duration.ts';
import { nameOf } from './variables.ts';

const text = z.string().min(1);

const timeout = text
  .refine((value) => (parseDuration(value) ?? 0) > 0, 'must be a duration such as "10s"')
  .default('10s')
  .meta({ title: 'duration', description: 'For one call.' });

/** A call over HTTP, which `secret` signs. */
const httpSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://deploy.example/switch' })
    .describe('Where a hook that is an HTTP request goes.'),
  secret: text.optional().meta({
    description: 'Signs the request; better in the variable than in the file.',
    variable: 'SHARDLIFT_HOOK_<NAME>_SECRET',
  }),
  timeout,
});

/** A program on the worker, with its arguments. */
const commandSchema = z.strictObject({
  command: z
    .array(text)
    .min(1)
    .describe("A hook that is a program on the worker's host, with its arguments."),
  timeout,
});

/** A value of compare exchange that applications read. */
const keySchema = z.strictObject({
  connection: text.describe('A hook that is a value of compare exchange: the connection of its database,'),
  database: text.describe('the database,'),
  key: text.describe('and the key, which applications read.'),
  timeout,
});

export const hooksSchema = z.record(text, z.union([httpSchema, commandSchema, keySchema])).default({});

/** One hook, as the worker calls it. */
export type HookSettings = z.output<typeof hooksSchema>[string];

const VARIABLE = /^SHARDLIFT_HOOK_(.+)_SECRET$/;

/**
 * The hooks with their secrets, which `SHARDLIFT_HOOK_<NAME>_SECRET` sets. Secrets are not enumerable, so that no log or copy
 * of the configuration contains them.
 */
export function readHooks(
  fromFile: Record<string, HookSettings>,
  env: NodeJS.ProcessEnv,
): Record<string, HookSettings> {
  const hooks = structuredClone(fromFile);
  for (const [variable, value] of Object.entries(env)) {
    const name = VARIABLE.exec(variable)?.[1];
    const hook = name && hooks[nameOf(name, Object.keys(hooks))];
    if (hook && 'url' in hook) hook.secret = value;
  }
  for (const hook of Object.values(hooks))
    if ('url' in hook) Object.defineProperty(hook, 'secret', { value: hook.secret, enumerable: false });
  return hooks;
}
