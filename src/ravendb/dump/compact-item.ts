/** Items of dumps that RavenDB has not written itself: it leaves no white space between tokens. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SPACE = 0x20;
/** The first name of an item is not longer. */
const LONGEST_NAME = 1024;

/**
 * An item as RavenDB would write it, without white space between its tokens: what reads ids and metadata out of the bytes
 * relies on that. An item that RavenDB has written is returned as it is, without being read to its end.
 */
export function compactItem(json: Buffer): Buffer {
  return isSpaced(json) ? withoutSpaces(json) : json;
}

/** Whoever writes white space writes it around the first name, too. */
function isSpaced(json: Buffer): boolean {
  if ((json[1] ?? 0) <= SPACE) return json.length > 1;
  const end = Math.min(json.length, LONGEST_NAME);
  for (let at = 2; at < end; at++) {
    if (json[at] === BACKSLASH) at++;
    else if (json[at] === QUOTE) return json[at + 1] !== COLON || (json[at + 2] ?? 0) <= SPACE;
  }
  return false;
}

function withoutSpaces(json: Buffer): Buffer {
  const compact = Buffer.allocUnsafe(json.length);
  let length = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] ?? 0;
    if (!inString && byte <= SPACE) continue;
    compact[length++] = byte;
    if (byte === QUOTE) inString = !inString;
    else if (inString && byte === BACKSLASH) compact[length++] = json[++at] ?? 0;
  }
  return compact.subarray(0, length);
}
