/** What a dump holds: it is read once from its first byte to its last, before anything is done with it. */

import { RavenError } from '../connection/errors.ts';
import { damaged, notADump, refusedDump, tooEarly } from './dump-bytes.ts';
import { DumpScanner, isAttachment } from './dump-scanner.ts';
import { type DumpItemKind, LISTS } from './item-kinds.ts';

/** What a whole dump holds. */
export interface DumpInspection {
  /** Build of the server that wrote it: 71028 is RavenDB 7.1. */
  buildVersion: number;
  /** How many items of each kind; kinds without items are left out. */
  counts: Partial<Record<DumpItemKind, number>>;
  attachmentBytes: number;
  /** Length of the dump when it is neither compressed nor encrypted. */
  plainBytes: number;
  /** Names of the lists, empty ones included, and `DatabaseRecord`, in their order. */
  lists: string[];
}

/** How much has been read. `items` is the sum of `counts`. */
export interface InspectionProgress {
  plainBytes: number;
  items: number;
}

const BEGINNING = '{"BuildVersion":';

/**
 * Reads a dump to its end, in constant memory. Checks its structure and no values: RavenDB refuses a document with
 * invalid JSON later.
 * @param name how errors name the file
 * @param onProgress called after each part that was read
 * @param onItem called for each item that is not an attachment
 * @throws RavenError that is not retryable: `EndOfStreamException` when the end is missing, `InvalidDataException`
 *   for JSON that is not a dump, for a dump of RavenDB 3 or older, and for lists that nothing here imports
 */
export async function inspectDump(
  plain: AsyncIterable<Buffer>,
  name: string,
  onProgress?: (progress: InspectionProgress) => void,
  onItem?: (list: string, json: Buffer) => void,
): Promise<DumpInspection> {
  const counts: DumpInspection['counts'] = {};
  const lists = new Set<string>();
  const unknown = new Set<string>();
  let [plainBytes, attachmentBytes, items] = [0, 0, 0];
  const scanner = new DumpScanner({
    section: (list) => lists.add(list),
    item: (list, json, blobSize) => {
      const attachment = isAttachment(json);
      const kind = attachment ? 'attachments' : LISTS[list as keyof typeof LISTS];
      if (!kind) {
        unknown.add(list);
        return;
      }
      counts[kind] = (counts[kind] ?? 0) + 1;
      items++;
      if (attachment) attachmentBytes += blobSize;
      else onItem?.(list, json);
    },
    blob: () => undefined,
  });
  let head = '';
  try {
    for await (const part of plain) {
      if (head.length < BEGINNING.length) head = beginning(head, part, name);
      scanner.push(part);
      plainBytes += part.length;
      onProgress?.({ plainBytes, items });
    }
  } catch (error) {
    throw isEndOfStream(error) ? tooEarly(name, counts.documents ?? 0) : error;
  }
  if (!scanner.complete) throw tooEarly(name, counts.documents ?? 0);
  if (scanner.overrun) throw damaged(name);
  const buildVersion = knownVersion(scanner.buildVersion, name);
  if (unknown.size > 0) throw unknownItems(name, [...unknown]);
  return {
    buildVersion,
    counts,
    attachmentBytes,
    plainBytes,
    lists: [...lists],
  };
}

/**
 * A warning when a newer RavenDB wrote a dump than the one that imports it; undefined otherwise.
 * @param serverVersion such as `7.1.5`
 */
export function newerThanServer(buildVersion: number, serverVersion: string): string | undefined {
  const [major = 0, minor = 0] = serverVersion.split('.').map(Number);
  const written = versionOf(buildVersion);
  if (written.major < major || (written.major === major && written.minor <= minor)) return undefined;
  return (
    `The dump was written by RavenDB ${written.major}.${written.minor}, which is newer than the target's server ` +
    `(${serverVersion}): the target leaves out or refuses what it does not know. What arrives is compared with the file; it is better to update the target first.`
  );
}

/** `71028` is 7.1, and so is `71`, of a developer build. */
function versionOf(buildVersion: number): { major: number; minor: number } {
  const short = buildVersion < 1000 ? buildVersion : Math.floor(buildVersion / 1000);
  return { major: Math.floor(short / 10), minor: short % 10 };
}

/** Checks the first bytes, so that a large file of other JSON is not read to its end. Ignores white space. */
function beginning(head: string, part: Buffer, name: string): string {
  const longer = (head + part.toString('utf8', 0, 1024).replaceAll(/\s/g, '')).slice(0, BEGINNING.length);
  if (!BEGINNING.startsWith(longer)) throw notADump(name);
  return longer;
}

function knownVersion(buildVersion: number | undefined, name: string): number {
  if (buildVersion === undefined) throw notADump(name);
  if (versionOf(buildVersion).major >= 4) return buildVersion;
  throw refusedDump(
    name,
    'was written by RavenDB 3 or older: import it into a non-sharded database, and migrate that one',
  );
}

/** RavenDB 4.1 wrote counters one by one into a list of their own, which later versions pass over without a word. */
function unknownItems(name: string, lists: readonly string[]): RavenError {
  const quoted = lists.map((list) => `"${list}"`).join(', ');
  return refusedDump(
    name,
    `has items that cannot be imported into shards (${quoted}): import it with a RavenDB that knows them into a ` +
      'non-sharded database, and migrate that one',
  );
}

function isEndOfStream(error: unknown): boolean {
  return error instanceof RavenError && error.kind === 'EndOfStreamException';
}
