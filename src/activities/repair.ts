import { forecastRepair } from '../engine/repair/forecast-repair.ts';
import { repairItems } from '../engine/repair/repair.ts';
import { repairMany } from '../engine/repair/repair-many.ts';
import { deleteSurplusDocuments } from '../engine/repair/surplus-documents.ts';

/** Copying items that differ again, and deleting what only the target has. */
export const repairActivities = { repairItems, repairMany, forecastRepair, deleteSurplusDocuments };
