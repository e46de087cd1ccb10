/** How long a migration may take, from a sample that was really copied. */

import { formatCount } from '../text/format.ts';
import { type Check, ok, warning } from './check.ts';
import type { Forecast } from './forecast.ts';

/** A part of the source that was copied into a database of its own and read there. */
export interface Sample {
  /** Parts from different places of the source. */
  slices: { documents: number; bytes: number; seconds: number }[];
  /** Time of reading all shards of the copy side by side. */
  readSeconds: number;
}

/** Items of the source other than documents. */
export interface OtherItems {
  revisions: number;
  counterGroups: number;
  timeSeriesSegments: number;
}

/** Seconds, from the best to the worst case that can be expected. */
export interface Range {
  from: number;
  to: number;
}

/** The expected times, and the sample that they come from. */
export interface Estimate {
  copySeconds: Range;
  verificationSeconds: Range;
  sample: { documents: number; bytes: number; seconds: number; documentsPerSecond: number };
}

/** How much runs of one plan differed: other load, another hour, a warm cache. */
const BEST_CASE = 0.5;
const WORST_CASE = 2.5;
/** Time that does not depend on the number of documents: the first round, the indexes. */
const FIXED_SECONDS = 15;

/**
 * Estimates the copy from the number of items and from their bytes, at the speed of the sample, and the verification
 * from the speed at which both sides were read.
 * @param readSeconds how long reading the whole source took
 */
export function estimate(
  sample: Sample,
  {
    forecast,
    items,
    readSeconds,
    maxItemsPerSecond,
  }: { forecast: Forecast; items: OtherItems; readSeconds: number; maxItemsPerSecond: number | null },
): Estimate {
  const { slices } = sample;
  const documents = sum(slices.map((slice) => slice.documents));
  const bytes = sum(slices.map((slice) => slice.bytes));
  const seconds = sum(slices.map((slice) => slice.seconds));
  const all = forecast.documents + items.revisions + items.counterGroups + items.timeSeriesSegments;
  // revisions, counters and time series count as documents of mean size, because their sizes are unknown
  const allBytes = forecast.bytes * (forecast.documents > 0 ? all / forecast.documents : 1);
  const limited = maxItemsPerSecond === null ? 0 : all / maxItemsPerSecond;
  const times = [
    documents > 0 ? (all / documents) * seconds : 0,
    bytes > 0 ? (allBytes / bytes) * seconds : 0,
  ];
  const readTarget = documents > 0 ? (all / documents) * sample.readSeconds : 0;
  return {
    copySeconds: {
      from: Math.max(limited, BEST_CASE * Math.min(...times)),
      to: FIXED_SECONDS + Math.max(limited, WORST_CASE * Math.max(...times)),
    },
    verificationSeconds: {
      from: BEST_CASE * Math.max(readSeconds, readTarget),
      to: FIXED_SECONDS + WORST_CASE * (readSeconds + readTarget),
    },
    sample: {
      documents,
      bytes,
      seconds,
      documentsPerSecond: seconds > 0 ? Math.round(documents / seconds) : 0,
    },
  };
}

/** With less in reserve, the rounds fall behind as soon as somebody writes a little more. */
const MAX_SHARE_OF_SPEED = 0.5;

/** Checks whether the rounds can keep up with the writers of the source. */
export function catchUpCheck(changesPerSecond: number, { sample }: Estimate): Check {
  const name = 'catching up';
  const speed = `about ${formatCount(sample.documentsPerSecond)} documents a second were copied`;
  const writes = `${formatCount(Math.round(changesPerSecond * 60))} changes a minute while the source was read`;
  return sample.documentsPerSecond === 0 || changesPerSecond < sample.documentsPerSecond * MAX_SHARE_OF_SPEED
    ? ok(name, `${writes}; ${speed}.`)
    : warning(
        name,
        `${writes}, and only ${speed}: the rounds may never catch up. Migrate at a quieter time, or stop some ` +
          'of the writers.',
      );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A sample, or why there is none. */
export type Sampling = { sample: Sample } | { refused: string };

/** What reading the source showed. */
export interface SourceForecast {
  forecast: Forecast;
  checks: Check[];
  /** Items that were counted and not looked at. */
  items: OtherItems;
  readSeconds: number;
  changesPerSecond: number;
}
