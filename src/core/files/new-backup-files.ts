/** Importing a backup bit by bit: which files have come since the last time. */
import { type BackupChain, chainFiles, some } from './backup-files.ts';
import { type BackupFile, byOrder, readName } from './backup-names.ts';

/** What was imported before. */
export interface Ledger {
  /** The `name` of each file, not its `path`, which depends on the folder that was listed. */
  files: readonly string[];
}

/** What is left to be imported. */
export interface NewFiles {
  /** In the order of their import. */
  files: BackupFile[];
  /** Whether they begin with a full backup although others have been imported before. */
  newChain: boolean;
  /** One sentence each, with the way out. With any of them nothing may be imported. */
  problems: string[];
  warnings: string[];
}

/**
 * The files of a chain that have not been imported. That one which was imported is no longer there does not matter.
 * A file that is older than the newest imported one came too late: what it holds would overwrite what is newer.
 */
export function newFiles(chain: Pick<BackupChain, 'full' | 'incrementals'>, ledger: Ledger): NewFiles {
  const known = new Set(ledger.files);
  const files = chainFiles(chain).filter(({ name }) => !known.has(name));
  const newest = newestOf(ledger);
  const late = newest ? files.filter((file) => byOrder(file, newest) < 0) : [];
  const problems =
    newest && late.length > 0
      ? [
          `${some(late.map(({ name }) => name))} came after ${newest.name} had been imported, although older, and cannot be ` +
            'applied in order any more: import the whole backup into an empty target.',
        ]
      : [];
  const newChain = newest !== undefined && files[0]?.kind === 'full';
  const warnings =
    newChain && late.length === 0
      ? [
          `${files[0]?.name} is a new full backup and begins a new chain. RavenDB forgets deletions: of documents that were ` +
            'deleted since the last import it may tell nothing, so they may stay on the target.',
        ]
      : [];
  return { files, newChain, problems, warnings };
}

/** The last imported file by the order of import. */
function newestOf({ files }: Ledger): BackupFile | undefined {
  const imported = files.flatMap((path) => {
    const named = readName({ path, bytes: 0, modifiedAt: '' }, '');
    return named.is === 'backup' ? [named.file] : [];
  });
  return imported.sort(byOrder).at(-1);
}
