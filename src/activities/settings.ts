import { copyIndexes, copySettings } from '../engine/database-wide/settings.ts';

/** What belongs to the database as a whole: indexes and settings. */
export const settingsActivities = { copyIndexes, copySettings };
