/**
 * JSON as text. `JSON.parse` rounds numbers, moves keys that look like numbers to the front and forgets a key that
 * comes twice; a comparison that must see all of that cuts the text instead.
 */

/** The members of an object, in order, each value as the text that it is. */
export function members(text: string): [key: string, value: string][] {
  const found: [string, string][] = [];
  eachPart(text, '{', (start, end) => {
    const keyEnd = endOfValue(text, start);
    const colon = skipSpace(text, keyEnd);
    found.push([
      JSON.parse(text.slice(start, keyEnd)) as string,
      text.slice(skipSpace(text, colon + 1), end),
    ]);
  });
  return found;
}

/** The elements of an array, each as the text that it is. */
export function elements(text: string): string[] {
  const found: string[] = [];
  eachPart(text, '[', (start, end) => found.push(text.slice(start, end)));
  return found;
}

/** The text of one member. @throws when there is none */
export function member(text: string, key: string): string {
  const found = members(text).find(([name]) => name === key);
  if (!found) throw new Error(`no ${key} in ${text.slice(0, 300)}`);
  return found[1];
}

function eachPart(text: string, open: '{' | '[', part: (start: number, end: number) => void): void {
  const close = open === '{' ? '}' : ']';
  let at = skipSpace(text, 0);
  if (text[at] !== open) throw new Error(`not a ${open}: ${text.slice(0, 300)}`);
  at = skipSpace(text, at + 1);
  while (text[at] !== close) {
    const start = at;
    at = endOfValue(text, at);
    if (open === '{') at = endOfValue(text, skipSpace(text, skipSpace(text, at) + 1));
    part(start, at);
    at = skipSpace(text, at);
    if (text[at] === ',') at = skipSpace(text, at + 1);
    else if (text[at] !== close) throw new Error(`broken at ${at}: ${text.slice(at, at + 100)}`);
  }
}

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first !== '{' && first !== '[') {
    let at = from;
    while (at < text.length && !',:]} \n\r\t'.includes(text.charAt(at))) at++;
    return at;
  }
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) at = endOfString(text, at) - 1;
    else if (char === 0x7b || char === 0x5b) depth++;
    else if ((char === 0x7d || char === 0x5d) && --depth === 0) return at + 1;
  }
  throw new Error(`no end: ${text.slice(from, from + 100)}`);
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at++;
    else if (char === 0x22) return at + 1;
  }
  throw new Error(`no end of a string: ${text.slice(from, from + 100)}`);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}
