/** In what two versions of a document differ, by the names of properties and never by their values. */
import { DERIVED, type Metadata, splitDocument } from './document-digest.ts';
import { type Member, membersOf } from './json-members.ts';

/** Names that are listed; the others are counted. */
const NAMED = 3;
const LONGEST_NAME = 80;
/** Metadata that is compared by what it stands for. */
const COMPARED_APART: ReadonlySet<string> = new Set(['@attachments', '@counters']);

/**
 * What differs between a document on the source and on the target: the way its id is written, body, metadata. Not its
 * attachments and counters, nor what RavenDB derives.
 * @returns a few words for each; none when they are equal
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
    .filter(([name]) => !DERIVED.has(name) && !COMPARED_APART.has(name))
    .map(([name, value]) => ({ name, value: JSON.stringify(value) }));
}

function differingNames(ours: Member[], theirs: Member[]): string[] {
  const [there, here] = [byName(ours), byName(theirs)];
  return [...new Set([...there.keys(), ...here.keys()])].filter((name) => there.get(name) !== here.get(name));
}

/** A name may come twice; then all its values count. */
function byName(members: Member[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const { name, value } of members) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return values;
}

function listed(names: string[]): string {
  const shown = names.slice(0, NAMED).map((name) => `"${shortened(name)}"`);
  return names.length > NAMED ? `${shown.join(', ')} and ${names.length - NAMED} more` : shown.join(', ');
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}...` : name;
}
