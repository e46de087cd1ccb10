/** Explains how two versions of a document differ: by names of properties, never by their values. */
import { firstOf } from '../text/format.ts';
import { DERIVED, type Metadata, splitDocument } from './document-digest.ts';
import { type Member, membersOf } from './json-members.ts';

const MAX_NAME_LENGTH = 80;
/** Metadata of items that are compared by themselves. */
const COMPARED_SEPARATELY: ReadonlySet<string> = new Set(['@attachments', '@counters']);

/**
 * What differs between a document on the source and on the target: the case of its id, body, metadata. Not attachments
 * and counters, nor metadata that RavenDB derives.
 * @returns a few words for each difference
 */
export function explainDifference(source: Buffer, target: Buffer): string[] {
  const [ours, theirs] = [splitDocument(source), splitDocument(target)];
  const found: string[] = [];
  const { '@id': id } = theirs.metadata;
  if (ours.metadata['@id'] !== id) found.push(`has its id in another case on the target: "${id}"`);
  if (!ours.body.equals(theirs.body)) {
    const names = differingNames(membersOf(ours.body.toString()), membersOf(theirs.body.toString()));
    found.push(names.length > 0 ? `differs in ${listed(names)}` : 'has its properties in another order');
  }
  const metadata = differingNames(comparedMetadata(ours.metadata), comparedMetadata(theirs.metadata));
  if (metadata.length > 0) found.push(`differs in the metadata ${listed(metadata)}`);
  return found;
}

function comparedMetadata(metadata: Metadata): Member[] {
  return Object.entries(metadata)
    .filter(([name]) => !DERIVED.has(name) && !COMPARED_SEPARATELY.has(name))
    .map(([name, value]) => ({ name, value: JSON.stringify(value) }));
}

function differingNames(ours: Member[], theirs: Member[]): string[] {
  const [there, here] = [byName(ours), byName(theirs)];
  return [...new Set([...there.keys(), ...here.keys()])].filter((name) => there.get(name) !== here.get(name));
}

/** Values by name; if a name occurs twice, all its values count. */
function byName(members: Member[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const { name, value } of members) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return values;
}

function listed(names: string[]): string {
  return firstOf(names.map((name) => `"${shortened(name)}"`));
}

function shortened(name: string): string {
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}...` : name;
}
