/** Reads the names of backup files and folders: RavenDB keeps no other list of backups. */

/** One file of a listing. */
export interface ListedFile {
  /** Relative to the listed folder, separated by `/`. */
  path: string;
  bytes: number;
  /** ISO time. */
  modifiedAt: string;
  /** Whether it is a link; links are never followed. */
  link?: boolean;
}

/** `full` and `incremental` are dumps, which can be imported; a `snapshot` contains RavenDB's storage files. */
type BackupKind = 'full' | 'incremental' | 'snapshot';

/** A file that is a backup by its name. */
export interface BackupFile extends ListedFile {
  /** `<folder of the backup>/<file>`, wherever that folder is; the file alone if RavenDB did not make the folder. */
  name: string;
  kind: BackupKind;
  encrypted: boolean;
  /** Whether RavenDB 3 wrote it. */
  legacy: boolean;
  /** When it was begun, as `yyyy-MM-dd-HH-mm-ss` in the server's local time; undefined if the name does not say. */
  stamp: string | undefined;
  /** The folder that RavenDB made for a full backup and its incremental ones, or the directory of the file. */
  folder: string;
  /** The database, by the folder's name. */
  database: string | undefined;
  /** The cluster node that wrote it, by the folder's name. */
  nodeTag: string | undefined;
}

/** What a file is by its name. */
export type NamedFile =
  | { is: 'backup'; file: BackupFile }
  /** A continuation of the file `of`. */
  | { is: 'part'; of: string }
  | { is: 'half-written' | 'unknown' };

/** Meaning of the suffixes, without `encrypted-`. */
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
/** RavenDB 3 added a number to the time of an incremental backup; RavenDB 4 first had no seconds. */
const STAMP = /^(\d{4})-(\d{2})-(\d{2})-(\d{2})-(\d{2})(?:-(\d{2}))?(?:-\d+)?$/;
const PART = /^(.+)\.part\d+$/i;
/** Names that RavenDB and file transfer programs use until a file is complete. */
const HALF_WRITTEN =
  /\.(?:in-?progress|part|partial|tmp|temp|filepart|crdownload|download)$|~$|^\..*\.ravendb-/i;

/**
 * Reads the name of a file.
 * @param root the name of the listed folder, which may itself be the folder of a backup
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

/** The time in a name, if it is valid. RavenDB's own restore uses the file's time instead, which copying changes. */
function readStamp(text: string): string | undefined {
  const match = STAMP.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second || 0));
  const written = time.toISOString().slice(0, 16).replace(/[T:]/g, '-');
  return written === text.slice(0, 16) ? text : undefined;
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

/** Compares texts by code units; `localeCompare` would sort by the rules of a language. */
export function inOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * The latest time that a name may have, on the clock of a server with the offset of the time.
 * @param time ISO time with offset
 */
export function stampOf(time: string): string {
  const [, date = '', hour = '', minute = '', second = '59'] =
    /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?/i.exec(time) ?? [];
  return `${date}-${hour}-${minute}-${second}`;
}

/** Whether a name's time is after a limit; one without seconds is not after any second of its minute. */
export function isLater(stamp: string, limit: string): boolean {
  return stamp.slice(0, limit.length) > limit;
}

/** Whether two names mean the same database. */
export function sameDatabase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
