/** Reads parts of an item from its JSON as RavenDB writes it, without changing the bytes. */

const METADATA = Buffer.from('"@metadata":{');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Splits a document or revision into the bytes before its metadata, and the metadata.
 * @param parse parses the text of the metadata; throws if that is not exactly one object
 * @returns undefined if there is no metadata
 */
export function splitMetadata<T>(
  json: Buffer,
  parse: (text: string) => T,
): { body: Buffer; metadata: T } | undefined {
  // nested objects may also have a property of this name: the outermost one ends with the document
  for (let at = json.lastIndexOf(METADATA); at >= 0; at = at > 0 ? json.lastIndexOf(METADATA, at - 1) : -1) {
    try {
      const metadata = parse(json.toString('utf8', at + METADATA.length - 1, json.length - 1));
      return { body: json.subarray(0, at), metadata };
    } catch {
      // more than one object: the metadata begins earlier
    }
  }
  return undefined;
}

/** The string after a name and its opening quote. @param at where the name begins; if negative, the result is empty */
export function stringAfter(json: Buffer, at: number, name: Buffer): string {
  if (at < 0) return '';
  const start = at + name.length;
  const text = json.toString('utf8', start, endOfString(json, start));
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

/** The place of the quote that ends a string. @param start of its text */
export function endOfString(json: Buffer, start: number): number {
  let end = start;
  while (end < json.length && json[end] !== QUOTE) end += json[end] === BACKSLASH ? 2 : 1;
  return end;
}

/**
 * The etag of an item's last write in one storage, from its change vector (`A:123-<databaseId>, B:...`); 0 if it was
 * never written there. It is never above the item's etag in that storage.
 */
export function etagOf(changeVector: string, databaseId: string): number {
  const end = changeVector.indexOf(`-${databaseId}`);
  return end < 0 ? 0 : Number(changeVector.slice(changeVector.lastIndexOf(':', end) + 1, end));
}

/** A reviver for `JSON.parse` that keeps numbers as text, because they may not fit a number exactly. */
export function exactNumbers(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? context?.source : value;
}
