/** Importing a backup step by step: which files are new since the last import. */
import { firstOf } from '../text/format.ts';
import { type BackupChain, chainFiles } from './backup-files.ts';
import { type BackupFile, byOrder, readName } from './backup-names.ts';

/** What earlier imports imported. */
export interface Ledger {
  /** The `name` of each file; its `path` depends on the listed folder. */
  files: readonly string[];
}

/** The files that are left to import. */
export interface NewFiles {
  /** In the order of import. */
  files: BackupFile[];
  /** Whether they begin with a full backup although other files were imported before. */
  newChain: boolean;
  /** One sentence each, with the way out. If there is one, nothing may be imported. */
  problems: string[];
  warnings: string[];
}

/**
 * The files of a chain that were not imported yet; imported files need not exist any more. A file that is older than
 * the newest imported one came too late: it would overwrite newer items.
 */
export function newFiles(chain: Pick<BackupChain, 'full' | 'incrementals'>, ledger: Ledger): NewFiles {
  const known = new Set(ledger.files);
  const files = chainFiles(chain).filter(({ name }) => !known.has(name));
  const newest = newestOf(ledger);
  const late = newest ? files.filter((file) => byOrder(file, newest) < 0) : [];
  const problems =
    newest && late.length > 0
      ? [
          `${firstOf(late.map(({ name }) => name))}: older than ${newest.name}, which was imported already, so they can no ` +
            'longer be imported in order. Import the whole backup into an empty target.',
        ]
      : [];
  const newChain = newest !== undefined && files[0]?.kind === 'full';
  const warnings =
    newChain && late.length === 0
      ? [
          `${files[0]?.name} is a new full backup and begins a new chain. It may not contain deletions since the last import, ` +
            'because RavenDB cleans up tombstones, so deleted documents may stay on the target.',
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
