/**
 * Values of metadata as RavenDB writes them. A document may have anything under the names that RavenDB uses itself:
 * what RavenDB would not write is read as absent.
 */

/** A text; empty for anything else. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The texts of a list. */
export function textsIn(value: unknown): string[] {
  return listIn(value).filter((each) => typeof each === 'string');
}

/** The objects of a list. */
export function objectsIn(value: unknown): Record<string, unknown>[] {
  return listIn(value).filter(
    (each): each is Record<string, unknown> => typeof each === 'object' && each !== null,
  );
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
