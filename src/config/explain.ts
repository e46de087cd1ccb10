/** The configuration as it applies, each value with where it comes from. */
import { z } from 'zod';
import { settingsOf } from './config.ts';
import { type Layers, readLayers } from './layers.ts';
import { fileSchema } from './schema.ts';
import { shown } from './secret.ts';
import { TUNING_VARIABLE } from './tuning.ts';

/** One value, and where it comes from. */
export interface Explained {
  /** Its place in the configuration file, as `connections.prod.urls`. */
  key: string;
  /** Of a secret only that it is set. */
  value: unknown;
  from: 'environment' | 'file' | 'default';
  /** The variable, or the path of the file; null for a default. */
  where: string | null;
}

/**
 * Explains the configuration that a worker would have here: its file, then each value. The keys are those of the form that
 * the file is checked with, so that none is left out. Files of keys and certificates are not read.
 * @throws ConfigError when it cannot be used
 */
export function explainConfig(
  environment: NodeJS.ProcessEnv = process.env,
  workingDirectory = process.cwd(),
): Explained[] {
  const layers = readLayers(environment, workingDirectory);
  const { encryptionKeys } = layers.merged;
  const settings = { ...settingsOf(layers, environment, workingDirectory), encryptionKeys };
  const { path, isNamed } = layers.file;
  const tuning = environment[TUNING_VARIABLE];
  return [
    {
      key: 'configFile',
      value: layers.written === undefined ? null : path,
      from: isNamed ? 'environment' : 'default',
      where: isNamed ? 'SHARDLIFT_CONFIG' : null,
    },
    ...[...leavesOf(fileSchema, settings, [])].map(({ key, value }) => ({
      key: key.join('.'),
      value,
      ...originOf(key, layers),
    })),
    ...(tuning
      ? [{ key: 'tuning', value: tuning, from: 'environment' as const, where: TUNING_VARIABLE }]
      : []),
  ];
}

interface Leaf {
  key: string[];
  value: unknown;
}

/** Every value of a part of the form; a table without entries is one, too. What is not set has none. */
function* leavesOf(part: z.ZodType, value: unknown, key: string[]): Generator<Leaf> {
  if (value === undefined) return;
  if (part instanceof z.ZodOptional || part instanceof z.ZodDefault) {
    yield* leavesOf(part.unwrap() as z.ZodType, value, key);
  } else if (part instanceof z.ZodUnion) {
    const options = part.options as z.ZodType[];
    const option = options.find((each) => each.safeParse(value).success);
    if (option) yield* leavesOf(option, value, key);
  } else if (part instanceof z.ZodObject || part instanceof z.ZodRecord) {
    const table = value as Record<string, unknown>;
    const names = part instanceof z.ZodObject ? Object.keys(part.shape) : Object.keys(table);
    const partOf = (name: string) =>
      (part instanceof z.ZodObject ? part.shape[name] : part.valueType) as z.ZodType;
    if (names.length === 0) yield { key, value: table };
    for (const name of names) yield* leavesOf(partOf(name), table[name], [...key, name]);
  } else if (part instanceof z.ZodArray && Array.isArray(value)) {
    const element = part.element as z.ZodType;
    yield {
      key,
      value: shown(
        part,
        value.map((each) => shown(element, each)),
      ),
    };
  } else yield { key, value: shown(part, value) };
}

function originOf(key: string[], { file, written, given }: Layers): Pick<Explained, 'from' | 'where'> {
  // the last variable wins, as it does where they are laid over the file
  const variable = given.findLast((each) => each.key.join('.') === key.join('.'))?.variable;
  if (variable !== undefined) return { from: 'environment', where: variable };
  return isIn(written, key) ? { from: 'file', where: file.path } : { from: 'default', where: null };
}

function isIn(table: unknown, [name, ...rest]: string[]): boolean {
  if (name === undefined) return true;
  return (
    typeof table === 'object' &&
    table !== null &&
    Object.hasOwn(table, name) &&
    isIn((table as Record<string, unknown>)[name], rest)
  );
}
