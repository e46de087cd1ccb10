import { tryDefinitions } from '../engine/database-wide/try-definitions.ts';
import { copySample } from '../engine/plan/copy-sample.ts';
import { forecastShards } from '../engine/plan/forecast-shards.ts';
import { plan } from '../engine/plan/plan.ts';
import { removeSample } from '../engine/work/sample-database.ts';

/** Looking at both sides before anything is changed. */
export const planActivities = { plan, forecastShards, copySample, tryDefinitions, removeSample };
