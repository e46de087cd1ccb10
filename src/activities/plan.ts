import { copySample, removeSample } from '../engine/plan/copy-sample.ts';
import { forecastShards } from '../engine/plan/forecast-shards.ts';
import { plan } from '../engine/plan/plan.ts';

/** Looking at both sides before anything is changed. */
export const planActivities = { plan, forecastShards, copySample, removeSample };
