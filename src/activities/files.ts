import { planExport, writeDump } from '../engine/files/export-dump.ts';
import { importFileSettings, importFiles } from '../engine/files/import-files.ts';
import { inspectFiles, planImport } from '../engine/files/inspect-files.ts';

/** Writing dumps, and importing dumps and backups. */
export const fileActivities = {
  planExport,
  writeDump,
  planImport,
  inspectFiles,
  importFiles,
  importFileSettings,
};
