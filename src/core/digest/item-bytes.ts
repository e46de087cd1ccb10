/** Reading parts of an item out of its JSON, as RavenDB writes it: the bytes themselves stay as they are. */

const METADATA = Buffer.from('"@metadata":{');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Splits a document or revision into the bytes before its metadata, and the metadata.
 * @param parse reads the metadata's text; throws when it is more or less than one object
 * @returns undefined for what has no metadata
 */
export function splitMetadata<T>(
  json: Buffer,
  parse: (text: string) => T,
): { body: Buffer; metadata: T } | undefined {
  // a property of that name may also lie deeper, in the body or in the metadata: the outermost ends with the document
  for (let at = json.lastIndexOf(METADATA); at >= 0; at = at > 0 ? json.lastIndexOf(METADATA, at - 1) : -1) {
    try {
      const metadata = parse(json.toString('utf8', at + METADATA.length - 1, json.length - 1));
      return { body: json.subarray(0, at), metadata };
    } catch {
      // more than one object: the metadata begins further ahead
    }
  }
  return undefined;
}

/** The text that follows upon a name and its opening quote. @param at where the name begins; empty when below 0 */
export function stringAfter(json: Buffer, at: number, name: Buffer): string {
  if (at < 0) return '';
  const start = at + name.length;
  const text = json.toString('utf8', start, endOfString(json, start));
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

/** Where the quote is that ends a string. @param start of its text */
export function endOfString(json: Buffer, start: number): number {
  let end = start;
  while (end < json.length && json[end] !== QUOTE) end += json[end] === BACKSLASH ? 2 : 1;
  return end;
}

/**
 * The etag of an item's last write on one storage, out of its change vector (`A:123-<databaseId>, B:...`); 0 when it was
 * never written there. Never above the item's etag in that storage.
 */
export function etagOf(changeVector: string, databaseId: string): number {
  const end = changeVector.indexOf(`-${databaseId}`);
  return end < 0 ? 0 : Number(changeVector.slice(changeVector.lastIndexOf(':', end) + 1, end));
}

/** For `JSON.parse`: numbers as their text, since they may be beyond what a number holds exactly. */
export function exactNumbers(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? context?.source : value;
}
