/** What the names of backup files and of their folders say: RavenDB keeps no other list of them. */

/** One file of a folder, as a listing tells of it. */
export interface ListedFile {
  /** From the listed folder on, with `/` between. */
  path: string;
  bytes: number;
  /** ISO time. */
  modifiedAt: string;
  /** Whether it is a link, which is never followed. */
  link?: boolean;
}

/** `full` and `incremental` are dumps, which can be imported; a `snapshot` holds RavenDB's own files. */
export type BackupKind = 'full' | 'incremental' | 'snapshot';

/** A file that is a backup by its name. */
export interface BackupFile extends ListedFile {
  /** `<folder of the backup>/<file>`, wherever that folder lies; the file alone in a folder that is not RavenDB's. */
  name: string;
  kind: BackupKind;
  encrypted: boolean;
  /** Whether RavenDB 3 wrote it. */
  legacy: boolean;
  /** When it began, as `yyyy-MM-dd-HH-mm-ss` in the local time of the server; undefined if the name does not say. */
  stamp: string | undefined;
  /** The folder that RavenDB made for a full backup and its incremental ones, or the directory of the file. */
  folder: string;
  /** Whose backup it is, as the folder's name says. */
  database: string | undefined;
  /** The cluster's node that wrote it, as the folder's name says. */
  nodeTag: string | undefined;
}

/** What a file is by its name. */
export type NamedFile =
  | { is: 'backup'; file: BackupFile }
  /** A continuation of the file `of`. */
  | { is: 'part'; of: string }
  | { is: 'half-written' | 'unknown' };

/** What the suffixes say, without the part `encrypted-`. */
const SUFFIXES: Record<string, { kind: BackupKind; legacy: boolean }> = {
  'full-backup': { kind: 'full', legacy: false },
  'incremental-backup': { kind: 'incremental', legacy: false },
  snapshot: { kind: 'snapshot', legacy: false },
  'full-dump': { kind: 'full', legacy: true },
  'incremental-dump': { kind: 'incremental', legacy: true },
};

const FILE =
  /^(.*)\.ravendb-(encrypted-)?(full-backup|incremental-backup|snapshot|full-dump|incremental-dump)$/i;
const FOLDER = /^\d{4}-\d{2}-\d{2}-\d{2}-\d{2}(?:-\d{2})?\.ravendb-(.+)-([a-z]+)-(?:backup|snapshot)$/i;
/** RavenDB 3 put a number behind the time of an incremental one, RavenDB 4 began without seconds. */
const STAMP = /^(\d{4})-(\d{2})-(\d{2})-(\d{2})-(\d{2})(?:-(\d{2}))?(?:-\d+)?$/;
const PART = /^(.+)\.part\d+$/i;
/** What RavenDB itself, and programs that carry files, call a file until it is whole. */
const HALF_WRITTEN =
  /\.(?:in-?progress|part|partial|tmp|temp|filepart|crdownload|download)$|~$|^\..*\.ravendb-/i;

/**
 * Reads the name of a file.
 * @param root the name of the folder that was listed, which may itself be that of a backup
 */
export function readName(listed: ListedFile, root: string): NamedFile {
  const steps = [...(root ? [root] : []), ...listed.path.split('/')];
  const base = steps.at(-1) ?? '';
  const match = FILE.exec(base);
  if (!match || HALF_WRITTEN.test(base)) {
    const of = PART.exec(listed.path)?.[1];
    if (of && FILE.test(of)) return { is: 'part', of };
    return { is: HALF_WRITTEN.test(base) ? 'half-written' : 'unknown' };
  }
  const [, time = '', encrypted, suffix = ''] = match;
  const { kind, legacy } = SUFFIXES[suffix.toLowerCase()] as { kind: BackupKind; legacy: boolean };
  const directories = steps.slice(0, -1);
  const folder = directories.findLast((step) => FOLDER.test(step));
  const [, database, nodeTag] = (folder && FOLDER.exec(folder)) || [];
  return {
    is: 'backup',
    file: {
      ...listed,
      name: folder ? `${folder}/${base}` : base,
      kind,
      encrypted: encrypted !== undefined,
      legacy,
      stamp: readStamp(time),
      folder: folder ?? directories.join('/'),
      database,
      nodeTag: nodeTag?.toUpperCase(),
    },
  };
}

/** The time in a name, if it is one: RavenDB's own restore takes the file's time instead, which copying changes. */
function readStamp(text: string): string | undefined {
  const match = STAMP.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second || 0));
  const written = time.toISOString().slice(0, 16).replace(/[T:]/g, '-');
  return written === text.slice(0, 16) && (second || 0) < 60 ? text : undefined;
}

/**
 * The order in which RavenDB applies backups: by the time in the name, a full one before an incremental one of the
 * same second, then by the time of the file.
 */
export function byOrder(a: BackupFile, b: BackupFile): number {
  return (
    inOrder(a.stamp ?? '', b.stamp ?? '') ||
    rank(a) - rank(b) ||
    inOrder(a.modifiedAt, b.modifiedAt) ||
    inOrder(a.path, b.path)
  );
}

function rank({ kind }: BackupFile): number {
  return kind === 'incremental' ? 1 : 0;
}

/** The order of two texts; not `localeCompare`, which would sort by the habits of a language. */
export function inOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * The latest time that a name may have, in the clock of a server that goes as the offset of the time says.
 * @param time ISO time with offset
 */
export function stampOf(time: string): string {
  const [, date = '', hour = '', minute = '', second = '59'] =
    /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?/i.exec(time) ?? [];
  return `${date}-${hour}-${minute}-${second}`;
}

/** Whether a name's time is after a limit; one without seconds is not after any second of its minute. */
export function isLater(stamp: string, limit: string): boolean {
  const seconds = stamp.slice(0, limit.length);
  return seconds > limit.slice(0, seconds.length);
}

/** Whether two names are those of one database. */
export function sameDatabase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
