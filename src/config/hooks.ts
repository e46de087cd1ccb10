/** Named hooks in the worker's configuration: what is called at a cutover. Workflows know only their names. */
import { z } from 'zod';
import { parseDuration } from '../core/contract/duration.ts';
import { secret } from './secret.ts';
import { type Given, nameOf } from './variables.ts';

const text = z.string().min(1);

const timeout = text
  .refine((value) => (parseDuration(value) ?? 0) > 0, 'must be a duration such as "10s"')
  .default('10s')
  .meta({ title: 'duration', description: 'For one call.' });

/** A call over HTTP, which `secret` signs. */
const httpSchema = z.strictObject({
  // some services put a token into the path
  url: secret(
    z
      .url({ protocol: /^https?$/, error: 'must be an address such as https://deploy.example/switch' })
      .describe('Where a hook that is an HTTP request goes.'),
    (url) => `${new URL(url).origin}/…`,
  ),
  secret: secret(z.string().min(1)).optional().meta({
    description: 'Signs the request; better in the variable than in the file.',
    variable: 'SHARDLIFT_HOOK_<NAME>_SECRET',
  }),
  timeout,
});

/** A program on the worker, with its arguments. */
const commandSchema = z.strictObject({
  command: secret(
    z.array(text).min(1).describe("A hook that is a program on the worker's host, with its arguments."),
    ([program, ...rest]) => (rest.length > 0 ? `${program} …` : program),
  ),
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

/** What the environment gives of hooks: `SHARDLIFT_HOOK_<NAME>_SECRET` sets the secret of a hook that is called over HTTP. */
export function givenSecrets(fromFile: Record<string, HookSettings>, env: NodeJS.ProcessEnv): Given[] {
  return Object.entries(env).flatMap(([variable, value]) => {
    const part = VARIABLE.exec(variable)?.[1];
    const name = part && nameOf(part, Object.keys(fromFile));
    const hook = name && fromFile[name];
    return hook && 'url' in hook ? [{ variable, key: ['hooks', name, 'secret'], value }] : [];
  });
}

/** The hooks, their secrets not enumerable, so that no log or copy of the configuration contains them. */
export function withHiddenSecrets(hooks: Record<string, HookSettings>): Record<string, HookSettings> {
  for (const hook of Object.values(hooks))
    if ('url' in hook) Object.defineProperty(hook, 'secret', { value: hook.secret, enumerable: false });
  return hooks;
}
