import { defaultTuning, type Tuning } from '../core/contract/tuning.ts';
import { ConfigError } from './config-error.ts';

/** What tests override a tuning by. */
export const TUNING_VARIABLE = 'SHARDLIFT_TUNING';

/** Part of a tuning, of which the rest stays as it is. */
export type TuningOverride = { [Group in keyof Tuning]?: Partial<Tuning[Group]> };

/**
 * The defaults, and over them the JSON of `SHARDLIFT_TUNING`. For tests: a deployment needs none of it.
 * @throws ConfigError for what is not JSON, a name that there is not, and a value that is not a positive number
 */
export function readTuning(env: NodeJS.ProcessEnv): Tuning {
  const text = env[TUNING_VARIABLE];
  if (!text) return defaultTuning;
  const tuning = structuredClone(defaultTuning) as unknown as Record<string, Record<string, unknown>>;
  for (const [group, values] of Object.entries(parsed(text))) {
    for (const [name, value] of Object.entries(values)) {
      const known = tuning[group];
      if (!known || !(name in known))
        throw new ConfigError(`${TUNING_VARIABLE}: ${group}.${name} is unknown.`);
      if (typeof value !== 'number' || !(value > 0))
        throw new ConfigError(`${TUNING_VARIABLE}: ${group}.${name} must be a positive number.`);
      known[name] = value;
    }
  }
  return tuning as unknown as Tuning;
}

function parsed(text: string): Record<string, object> {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = (each: unknown) => typeof each === 'object' && each !== null;
    if (isObject(value) && Object.values(value as object).every(isObject)) {
      return value as Record<string, object>;
    }
  } catch {
    // said below
  }
  throw new ConfigError(`${TUNING_VARIABLE} must be JSON such as {"copy":{"loadMs":500}}.`);
}
