/** Finds the files of a backup in a folder: the newest full backup, and the incremental ones after it. */
import { firstOf } from '../text/format.ts';
import {
  type BackupFile,
  byOrder,
  inOrder,
  isLater,
  type ListedFile,
  readName,
  sameDatabase,
  stampOf,
} from './backup-names.ts';

/** Why a file of the folder is not part of the chain. */
type WhyIgnored =
  | 'unknown'
  | 'half-written'
  | 'part'
  | 'link'
  | 'older'
  | 'later'
  | 'other-database'
  | 'nameless'
  | 'copy';

/** The files to import: `full`, then `incrementals` in order. */
export interface BackupChain {
  /** By the folder's name, else as requested; null if neither names it. */
  database: string | null;
  full: BackupFile | null;
  incrementals: BackupFile[];
  ignored: { path: string; why: WhyIgnored }[];
  /** One sentence each, with the way out. If there is one, nothing may be imported. */
  problems: string[];
  /** What a person should know; nothing has to be done. */
  warnings: string[];
}

/** Which of a folder's backups are wanted. */
export interface Wanted {
  /** The database, in any case; needed if the folder contains backups of several. */
  database?: string | null | undefined;
  /**
   * ISO time with offset; files with a later time in their name are left out. Names have the server's local time, so the
   * time is compared as it is written: its offset must be that of the server.
   */
  upTo?: string | null | undefined;
  /** The name of the listed folder, which may itself be the folder of a backup. */
  root?: string | undefined;
}

/**
 * The newest full backup of a folder that is not later than `upTo`, and the incremental ones after it.
 *
 * A name says when the file was begun; its folder says which database and node wrote it. Incremental backups are not
 * numbered, so a missing one cannot be detected here (see `gapBetween`). Files from the hour that repeats when summer
 * time ends may be in the wrong order, as in RavenDB's own restore.
 */
export function backupChain(listing: readonly ListedFile[], wanted: Wanted = {}): BackupChain {
  const chain: BackupChain = {
    database: wanted.database ?? null,
    full: null,
    incrementals: [],
    ignored: [],
    problems: [],
    warnings: [],
  };
  const sorted = listing.toSorted((a, b) => inOrder(a.path, b.path));
  const { files, parts } = sortOut(sorted, wanted.root ?? '', chain);
  const ours = chooseDatabase(files, chain);
  if (!ours) return finished(chain);
  for (const { name } of ours.filter(({ stamp }) => stamp === undefined)) {
    chain.problems.push(
      `${name} does not begin with a time such as 2026-11-24-18-00-00, so its order is unknown: rename it, or remove it.`,
    );
  }
  const timed = ours.filter(({ stamp }) => stamp !== undefined);
  const { distinct, differing } = withoutCopies(timed, chain);
  pick(distinct.sort(byOrder), wanted.upTo, chain);
  checkContent(chain, { parts, differing });
  return finished(chain);
}

/** Separates files that are backups by their names from others. */
function sortOut(listing: readonly ListedFile[], root: string, chain: BackupChain) {
  const files: BackupFile[] = [];
  const parts = new Map<string, string>();
  for (const listed of listing) {
    const named = readName(listed, root);
    if (named.is === 'backup') files.push(named.file);
    else if (named.is === 'part') {
      if (!parts.has(named.of)) parts.set(named.of, listed.path);
      ignore(chain, listed, 'part');
    } else ignore(chain, listed, listed.link ? 'link' : named.is);
  }
  return { files, parts };
}

/** The files of one database; undefined if there are none, or if it is unknown which database is meant. */
function chooseDatabase(files: BackupFile[], chain: BackupChain): BackupFile[] | undefined {
  if (files.length === 0) {
    chain.problems.push(nothingThere(chain));
    return undefined;
  }
  const names = new Map(files.flatMap(({ database: name }) => (name ? [[name.toLowerCase(), name]] : [])));
  if (names.size === 0) return inOneFolder(files, chain);
  const all = [...names.values()].sort(inOrder);
  const chosen = chain.database ?? (all.length === 1 ? all[0] : undefined);
  const ours = files.filter(({ database = '' }) => sameDatabase(database, chosen ?? ''));
  const problem = notOne(all, chosen, ours.length > 0);
  if (problem) {
    chain.problems.push(problem);
    return undefined;
  }
  for (const file of files) {
    if (!ours.includes(file)) ignore(chain, file, file.database ? 'other-database' : 'nameless');
  }
  chain.database = ours.toSorted(byOrder).at(-1)?.database ?? null;
  return ours;
}

/** Why the chosen database cannot be imported. */
function notOne(all: string[], chosen: string | undefined, isThere: boolean): string | undefined {
  const wholes = all.map((name) => SHARD.exec(name)?.[1]);
  const sharded =
    chosen === undefined
      ? wholes.every((whole) => whole !== undefined && whole === wholes[0]) && wholes[0]
      : (SHARD.exec(chosen)?.[1] ??
        (!isThere && wholes.find((whole) => whole && sameDatabase(whole, chosen))));
  if (sharded) {
    return `These are backups of the shards of "${sharded}", which is sharded already: let RavenDB restore them together.`;
  }
  if (chosen === undefined) {
    return `The folder holds backups of several databases (${firstOf(all)}): name the one that you want as \`backup.database\`.`;
  }
  if (isThere) return undefined;
  return `The folder holds no backup of "${chosen}", but of ${firstOf(all)}: check \`backup.database\` and \`backup.path\`.`;
}

/** RavenDB backs up each shard of a sharded database by itself. */
const SHARD = /^(.+)\$\d+$/;

/** Files whose folder is not named by RavenDB: only the folder shows that they belong together. */
function inOneFolder(files: BackupFile[], chain: BackupChain): BackupFile[] | undefined {
  const folders = [...new Set(files.map(({ folder }) => folder || '.'))].sort(inOrder);
  if (folders.length > 1) {
    chain.problems.push(
      `The files are in several folders (${firstOf(folders)}) whose names do not name a database: give one of them as \`backup.path\`.`,
    );
    return undefined;
  }
  const unknown =
    chain.database === null
      ? 'their database is unknown'
      : `it is unknown whether they are of "${chain.database}"`;
  chain.warnings.push(`RavenDB did not name the folder of the files, so ${unknown}.`);
  return files;
}

function nothingThere(chain: BackupChain): string {
  const dump = chain.ignored.find(({ path }) => path.toLowerCase().endsWith('.ravendbdump'));
  if (dump) return `The folder holds no backup, but the dump ${dump.path}: \`importDump\` imports it.`;
  const unfinished = chain.ignored.find(({ why }) => why === 'half-written');
  if (unfinished)
    return `The folder holds no backup but ${unfinished.path}, which is not complete: wait until it is.`;
  return 'The folder holds no backup, that is, no file such as 2026-11-24-18-00-00.ravendb-full-backup: check `backup.path`.';
}

/** A backup's folder may exist twice, or be split over two places; each of its files is used once. */
function withoutCopies(files: BackupFile[], chain: BackupChain) {
  const differing = new Map<string, string>();
  const byName = Map.groupBy(files, ({ folder, name }) => `${folder}\n${name}`);
  const distinct = [...byName.values()].map((same) => {
    const [first, ...copies] = same.toSorted(filesFirst) as [BackupFile, ...BackupFile[]];
    for (const copy of copies) {
      ignore(chain, copy, copy.link ? 'link' : 'copy');
      if (!copy.link && copy.bytes !== first.bytes) differing.set(first.path, copy.path);
    }
    return first;
  });
  return { distinct, differing };
}

function filesFirst(a: BackupFile, b: BackupFile): number {
  return Number(a.link ?? false) - Number(b.link ?? false) || inOrder(a.path, b.path);
}

/** Picks the newest full backup and its incremental ones. @param files in order, each with its time */
function pick(files: BackupFile[], upTo: string | null | undefined, chain: BackupChain): void {
  const limit = upTo ? stampOf(upTo) : undefined;
  const late = files.filter(({ stamp = '' }) => limit !== undefined && isLater(stamp, limit));
  const inTime = files.filter((file) => !late.includes(file));
  for (const file of late) ignore(chain, file, 'later');
  if (upTo && limit) warnOfLimit(upTo, limit, late, chain);

  const fulls = inTime.filter(({ kind }) => kind !== 'incremental');
  const full = fulls.at(-1);
  if (!full) {
    const orphans = inTime.map(({ name }) => name);
    if (orphans.length > 0) {
      chain.problems.push(
        `There is no full backup before ${firstOf(orphans)}: incremental backups need it, so copy it next to them.`,
      );
    } else if (late.length > 0) {
      chain.problems.push(
        `There is no backup up to ${upTo}: the first is ${late[0]?.name}; choose a later \`backup.upTo\`.`,
      );
    } // else each file was reported as one without a time
    return;
  }
  if (full.kind === 'snapshot') {
    chain.problems.push(ofSnapshot(full, fulls));
    return;
  }
  const rival = fulls.find((other) => other.stamp === full.stamp && other.folder !== full.folder);
  if (rival) {
    chain.problems.push(
      `${full.name} and ${rival.name} are full backups of the same time: give the folder of one as \`backup.path\`.`,
    );
  }
  const after = inTime.slice(inTime.indexOf(full) + 1);
  chain.full = full;
  chain.incrementals = after.filter(({ folder }) => folder === full.folder);
  for (const file of inTime.slice(0, inTime.indexOf(full))) ignore(chain, file, 'older');
  for (const other of Map.groupBy(after, ({ folder }) => folder).values()) {
    if (other[0]?.folder !== full.folder) chain.problems.push(ofAnotherChain(other, full, fulls));
  }
  if (fulls.some((other) => other !== full && other.folder === full.folder)) {
    chain.warnings.push(
      `There are several full backups in one folder, although RavenDB makes a folder for each: the files after ${full.name} may not belong to it.`,
    );
  }
}

function ofSnapshot(snapshot: BackupFile, fulls: BackupFile[]): string {
  const before = fulls.findLast(({ kind }) => kind === 'full');
  const choice = before ? `, or choose ${before.name} by an earlier \`backup.upTo\`` : '';
  return (
    `The newest full backup, ${snapshot.name}, is a snapshot, which can be neither imported nor restored as a sharded ` +
    `database: restore it into a database that is not sharded and move that by \`migrateDatabase\`${choice}.`
  );
}

/** Incremental backups that are newer than the newest full one but belong to another. */
function ofAnotherChain(files: BackupFile[], full: BackupFile, fulls: BackupFile[]): string {
  const names = firstOf(files.map(({ name }) => name));
  const folder = files[0]?.folder ?? '';
  const own = fulls.findLast((other) => other.folder === folder);
  const node = files[0]?.nodeTag === full.nodeTag ? '' : ` (node ${files[0]?.nodeTag})`;
  const belongs = own
    ? `belongs to the full backup ${own.name} and not to the newest`
    : 'has no full backup in its folder and does not belong to the newest';
  return `${names}${node} ${belongs}, ${full.name}: give the folder of the backup that you want as \`backup.path\`.`;
}

function warnOfLimit(upTo: string, limit: string, late: BackupFile[], chain: BackupChain): void {
  chain.warnings.push(
    `Names hold the local time of the server that made the backup: files up to ${limit} are used.`,
  );
  const contradicted = late.filter(({ modifiedAt }) => Date.parse(modifiedAt) <= Date.parse(upTo));
  if (contradicted.length > 0) {
    chain.warnings.push(
      `${firstOf(contradicted.map(({ name }) => name))} was left out because of its name but existed at ${upTo}: give \`backup.upTo\` with the offset of the server's clock.`,
    );
  }
  const full = late.findLast(({ kind }) => kind !== 'incremental');
  if (full) chain.warnings.push(`There is a newer full backup, ${full.name}, from after ${upTo}.`);
}

/**
 * Problems of the files that are to be imported.
 * @param beside by the path of a file: its continuation, and a file with its name but another size
 */
function checkContent(
  chain: BackupChain,
  beside: { parts: Map<string, string>; differing: Map<string, string> },
): void {
  for (const { path, link, bytes, legacy } of chainFiles(chain)) {
    const [part, other] = [beside.parts.get(path), beside.differing.get(path)];
    if (link) {
      chain.problems.push(`${path} is a link, and links are not followed: replace it by the file.`);
    } else if (bytes === 0) {
      chain.problems.push(`${path} is empty: copy it again, or remove it if the backup failed.`);
    }
    if (other) {
      chain.problems.push(
        `${path} and ${other} have the same name but not the same size: remove the one that is damaged or belongs to another backup.`,
      );
    }
    if (part) {
      chain.problems.push(
        `${path} continues in ${part}, and such parts cannot be read: restore the backup into a database that is not sharded and move that by \`migrateDatabase\`.`,
      );
    }
    if (legacy) chain.warnings.push(`${path} was written by RavenDB 3, whose files were not tested.`);
  }
}

/** The files of a chain in the order of their import. */
export function chainFiles({ full, incrementals }: Pick<BackupChain, 'full' | 'incrementals'>): BackupFile[] {
  return full ? [full, ...incrementals] : [];
}

const EXPECTED = new Set<WhyIgnored>(['older', 'later', 'other-database']);
const REASONS: Record<WhyIgnored, string> = {
  unknown: 'not named like a backup',
  'half-written': 'not complete',
  part: 'continuations of other files',
  link: 'links, which are not followed',
  nameless: 'in a folder whose name does not name a database',
  copy: 'copies of other files',
  older: 'older',
  later: 'later',
  'other-database': 'of another database',
};

function finished(chain: BackupChain): BackupChain {
  const unexpected = chain.ignored.filter(({ why }) => !EXPECTED.has(why));
  for (const [why, files] of Map.groupBy(unexpected, (file) => file.why)) {
    chain.warnings.push(`Ignored (${REASONS[why]}): ${firstOf(files.map(({ path }) => path))}.`);
  }
  return chain;
}

function ignore(chain: BackupChain, { path }: ListedFile, why: WhyIgnored): void {
  chain.ignored.push({ path, why });
}
