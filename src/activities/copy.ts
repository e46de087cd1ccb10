import { exportDump, importDump, removeDump } from '../engine/copy/copy-by-dump.ts';
import { copyClusterItems, copyPiece, planCopy } from '../engine/copy/copy-pieces.ts';

/** The first copy: in pieces from database to database, or through a dump file on the worker's disk. */
export const copyActivities = { planCopy, copyPiece, copyClusterItems, exportDump, importDump, removeDump };
