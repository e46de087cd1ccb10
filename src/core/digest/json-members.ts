/**
 * The members of a JSON object as text. `JSON.parse` would round numbers, move keys that look like numbers to the front,
 * and lose duplicate keys.
 */

/** A member, its value byte for byte. */
export interface Member {
  name: string;
  value: string;
}

/**
 * The members of an object, in order, in JSON without white space, as RavenDB writes it.
 * @param json may lack the closing brace, like the body of a document before its metadata
 */
export function membersOf(json: string): Member[] {
  const members: Member[] = [];
  let at = json.indexOf('{') + 1;
  for (;;) {
    const start = json.indexOf('"', at);
    if (start < 0) return members;
    const colon = endOfString(json, start);
    const end = endOfValue(json, colon + 1);
    members.push({
      name: JSON.parse(json.slice(start, colon)) as string,
      value: json.slice(colon + 1, end),
    });
    at = end;
  }
}

/** Where the value that begins at `from` ends: at the comma or brace after it. */
function endOfValue(json: string, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at++) {
    const character = json.charAt(at);
    if (character === '"') at = endOfString(json, at) - 1;
    else if (character === '{' || character === '[') depth++;
    else if (character === ',' && depth === 0) return at;
    else if ((character === '}' || character === ']') && --depth < 0) return at;
  }
  return json.length;
}

/** Where the string that begins at `from` ends: after its closing quote. */
function endOfString(json: string, from: number): number {
  for (let at = from + 1; at < json.length; at++) {
    if (json[at] === '\\') at++;
    else if (json[at] === '"') return at + 1;
  }
  return json.length;
}
