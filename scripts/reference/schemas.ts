/** The schemas of the contract, by the names that people use. */
import type { z } from 'zod';
import { removeLeftoversSchema } from '../../src/core/contract/cleanup-contract.ts';
import {
  approvalSchema,
  cutOverSchema,
  decisionSchema,
  migrateDatabaseSchema,
  noteSchema,
  type RequestName,
  rehearsalSchema,
  rehearseCutoverSchema,
  repairSchema,
  replicateDatabaseSchema,
  syncDatabaseSchema,
  throttleSchema,
  type WorkflowType,
} from '../../src/core/contract/contract.ts';
import {
  exportDatabaseSchema,
  importBackupSchema,
  importDumpSchema,
} from '../../src/core/contract/file-contract.ts';
import { verifyDatabasesSchema } from '../../src/core/contract/verify-contract.ts';

/** The one argument of each workflow type. */
export const inputs: Record<WorkflowType, z.ZodType> = {
  migrateDatabase: migrateDatabaseSchema,
  cutOver: cutOverSchema,
  rehearseCutover: rehearseCutoverSchema,
  exportDatabase: exportDatabaseSchema,
  importDump: importDumpSchema,
  importBackup: importBackupSchema,
  syncDatabase: syncDatabaseSchema,
  replicateDatabase: replicateDatabaseSchema,
  verifyDatabases: verifyDatabasesSchema,
  planMigration: migrateDatabaseSchema,
  removeLeftovers: removeLeftoversSchema,
};

/** What each request takes. */
export const payloads: Record<RequestName, z.ZodType> = {
  approveCutover: approvalSchema,
  rejectCutover: decisionSchema,
  repair: repairSchema,
  skip: decisionSchema,
  rehearse: rehearsalSchema,
  complete: decisionSchema,
  rollBack: decisionSchema,
  pause: noteSchema,
  resume: noteSchema,
  throttle: throttleSchema,
  abort: noteSchema,
};
