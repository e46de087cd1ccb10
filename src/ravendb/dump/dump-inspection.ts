/** What a dump holds: it is read once, from its first byte to its last, before anything is done with it. */

import { RavenError } from '../connection/errors.ts';
import { damaged, notADump, refusedDump, tooEarly } from './dump-bytes.ts';
import { DumpScanner, isAttachment } from './dump-scanner.ts';
import { type DumpItemKind, LISTS } from './item-kinds.ts';

/** What is in a whole dump. */
export interface DumpInspection {
  /** Of the server that wrote it: 71028 is RavenDB 7.1. */
  buildVersion: number;
  /** How many items of each kind; kinds without any are left out. Empty for a dump of nothing. */
  counts: Partial<Record<DumpItemKind, number>>;
  attachmentBytes: number;
  /** Length of the dump when it is neither compressed nor encrypted. */
  plainBytes: number;
  /** Names of the lists, also of empty ones, and `DatabaseRecord`, as they came. */
  lists: string[];
}

/** How far the reading is. `items` counts what `counts` does. */
export interface InspectionProgress {
  plainBytes: number;
  items: number;
}

const BEGINNING = '{"BuildVersion":';

/**
 * Reads a dump to its end, in constant memory. Its structure is looked at and no value: a document whose JSON is wrong is
 * refused by RavenDB, not here.
 * @param name how errors name the file
 * @param onProgress told after each part that was read
 * @param onItem given each item that is no attachment
 * @throws RavenError that is not retryable: `EndOfStreamException` when the end is missing, `InvalidDataException` for
 *   JSON that is no dump, or one that no RavenDB since version 4 has written
 */
export async function inspectDump(
  plain: AsyncIterable<Buffer>,
  name: string,
  onProgress?: (progress: InspectionProgress) => void,
  onItem?: (list: string, json: Buffer) => void,
): Promise<DumpInspection> {
  const counts: DumpInspection['counts'] = {};
  const lists = new Set<string>();
  let [plainBytes, attachmentBytes, items] = [0, 0, 0];
  const scanner = new DumpScanner({
    section: (list) => lists.add(list),
    item: (list, json, blobSize) => {
      const attachment = isAttachment(json);
      const kind = attachment ? 'attachments' : LISTS[list as keyof typeof LISTS];
      if (!kind) return;
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
  return {
    buildVersion: knownVersion(scanner.buildVersion, name),
    counts,
    attachmentBytes,
    plainBytes,
    lists: [...lists],
  };
}

/**
 * What to warn of when a dump was written by a newer RavenDB than the one that is to take it; undefined otherwise.
 * @param serverVersion as `7.1.5`
 */
export function newerThanServer(buildVersion: number, serverVersion: string): string | undefined {
  const [major = 0, minor = 0] = serverVersion.split('.').map(Number);
  const written = versionOf(buildVersion);
  if (written.major < major || (written.major === major && written.minor <= minor)) return undefined;
  return (
    `The dump was written by RavenDB ${written.major}.${written.minor}, which is newer than the target's server ` +
    `(${serverVersion}): what that one does not know would be left out or refused. Update the server first.`
  );
}

/** `71028` and, of a build for developers, `71` are 7.1. */
function versionOf(buildVersion: number): { major: number; minor: number } {
  const short = buildVersion < 1000 ? buildVersion : Math.floor(buildVersion / 1000);
  return { major: Math.floor(short / 10), minor: short % 10 };
}

/** Looks at the first bytes, so that a large file of other JSON is not read to its end. White space does not count. */
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
    'was written by RavenDB 3 or an older one: import it into a database that is not sharded, and migrate that',
  );
}

function isEndOfStream(error: unknown): boolean {
  return error instanceof RavenError && error.kind === 'EndOfStreamException';
}
