/** Named things in the environment: `SHARDLIFT_<KIND>_<NAME>_<PART>`. */

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

function inVariable(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
