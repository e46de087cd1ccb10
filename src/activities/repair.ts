import { repairItems } from '../engine/repair/repair.ts';
import { deleteSurplusDocuments } from '../engine/repair/surplus-documents.ts';

/** Copying items that differ again, and deleting what only the target has. */
export const repairActivities = { repairItems, deleteSurplusDocuments };
