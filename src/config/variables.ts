/** Named things in the environment: `SHARDLIFT_<KIND>_<NAME>_<PART>`. */

/** A variable of the environment, and what it sets in the configuration. */
export interface Given {
  variable: string;
  /** Where in the configuration, from the outside in. */
  key: readonly string[];
  value: unknown;
}

/** The first part of the names of the variables that configure a thing. */
export function variableOf(kind: string, name: string): string {
  return `SHARDLIFT_${kind}_${inVariable(name)}`;
}

/**
 * The name that a variable stands for: the matching one of the file, else in lower case with `-` for `_`.
 * @param part the name as the variable writes it
 */
export function nameOf(part: string, inFile: readonly string[]): string {
  return inFile.find((name) => inVariable(name) === part) ?? part.toLowerCase().replaceAll('_', '-');
}

/** What a file says, and over it what the environment gives. */
export function overlay<T extends object>(file: T, given: readonly Given[]): T {
  const all = structuredClone(file);
  for (const { key, value } of given) {
    let into = all as Record<string, unknown>;
    for (const part of key.slice(0, -1)) {
      if (!Object.hasOwn(into, part)) into[part] = {};
      into = into[part] as Record<string, unknown>;
    }
    into[key.at(-1) ?? ''] = value;
  }
  return all;
}

function inVariable(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
