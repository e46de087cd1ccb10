import { type ClientConfigProfile, loadClientConfigProfile } from '@temporalio/envconfig';
import { type Explained, explainConfig } from '../../config/explain.ts';
import { DEFAULT_ADDRESS, DEFAULT_NAMESPACE } from '../../core/contract/temporal.ts';
import { readTemporalSettings } from '../run/temporal.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { paletteFor } from '../terminal/palette.ts';
import { table } from '../terminal/text.ts';

/** `shardlift config`: the configuration as it applies here, each value with where it comes from. */
export async function config({ json = false }: { json?: boolean }): Promise<ExitCode> {
  const values = [...explainConfig(), ...explainTemporal(process.env)];
  const lines = json ? values.map((value) => JSON.stringify(value)) : configLines(values);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return exitCodes.ok;
}

/** A table of values; what is a default is dim. */
export function configLines(values: readonly Explained[], { dim } = paletteFor(process.stdout)): string[] {
  const rows = values.map(({ key, value, from, where }) => [key, textOf(value), where ?? from]);
  const [head = '', ...lines] = table([['Key', 'Value', 'From'], ...rows]);
  return [head, ...lines.map((line, at) => (values[at]?.from === 'default' ? dim(line) : line))];
}

function textOf(value: unknown): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' && Object.keys(value).length === 0 ? 'none' : String(value);
}

/** What of Temporal's settings is shown, and the variables that set it. */
const TEMPORAL: { key: string; variables: RegExp; fallback: string; read: (from: Profile) => Value }[] = [
  {
    key: 'address',
    variables: /^TEMPORAL_ADDRESS$/,
    fallback: DEFAULT_ADDRESS,
    read: ({ address }) => address,
  },
  {
    key: 'namespace',
    variables: /^TEMPORAL_NAMESPACE$/,
    fallback: DEFAULT_NAMESPACE,
    read: ({ namespace }) => namespace,
  },
  {
    key: 'apiKey',
    variables: /^TEMPORAL_API_KEY$/,
    fallback: 'none',
    read: ({ apiKey }) => apiKey && '(set)',
  },
  {
    key: 'tls',
    variables: /^TEMPORAL_(TLS.*|API_KEY)$/,
    fallback: 'off',
    read: ({ tls, apiKey }) => (tls ? (tls.disabled ? 'off' : 'on') : apiKey && 'on'),
  },
];

type Profile = ClientConfigProfile;
type Value = string | undefined;

/** Where Temporal is, as every command and the worker find it. @throws CliError when its settings cannot be used */
export function explainTemporal(env: NodeJS.ProcessEnv): Explained[] {
  const from = (source: { disableEnv?: boolean; disableFile?: boolean }) =>
    readTemporalSettings(env, (options) => loadClientConfigProfile({ ...options, ...source }));
  const [all, environment, file] = [from({}), from({ disableFile: true }), from({ disableEnv: true })];
  const { TEMPORAL_PROFILE: profile, TEMPORAL_CONFIG_FILE: path } = env;
  return [
    {
      key: 'temporal.profile',
      value: profile ?? 'default',
      from: profile === undefined ? 'default' : 'environment',
      where: profile === undefined ? null : 'TEMPORAL_PROFILE',
    },
    ...TEMPORAL.map(({ key, variables, fallback, read }): Explained => {
      const value = { key: `temporal.${key}`, value: read(all) ?? fallback };
      if (read(environment) !== undefined) {
        const names = Object.keys(env).filter((name) => variables.test(name));
        return { ...value, from: 'environment', where: names.join(', ') };
      }
      if (read(file) === undefined) return { ...value, from: 'default', where: null };
      return { ...value, from: 'file', where: path ?? "Temporal's own configuration file" };
    }),
  ];
}
