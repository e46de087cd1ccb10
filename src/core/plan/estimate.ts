/** How long it may take, from a sample that was really copied. */

import { formatCount } from '../text/format.ts';
import type { Check } from './check.ts';
import type { Forecast } from './forecast.ts';

/** A part of the source that was copied into a database made for it, and read there again. */
export interface Sample {
  /** Parts from different places of the source. */
  slices: { documents: number; bytes: number; seconds: number }[];
  /** Reading all shards of the copy side by side. */
  readSeconds: number;
}

/** Items of the source beside its documents. */
export interface OtherItems {
  revisions: number;
  counterGroups: number;
  timeSeriesSegments: number;
}

/** Seconds, from the best to the worst that can be expected. */
export interface Range {
  from: number;
  to: number;
}

/** What is expected, and from what. */
export interface Estimate {
  copySeconds: Range;
  verificationSeconds: Range;
  sample: { documents: number; bytes: number; seconds: number; documentsPerSecond: number };
}

/** What another hour, other work of the servers and a warm cache make of it: so much differed between runs of one plan. */
const LESS = 0.5;
const MORE = 2.5;
/** The first round, the indexes, what is no document: it has a length of its own. */
const BESIDE = 15;

/**
 * The time of the copy by the number of items and by their bytes, at the speed of the sample; that of a verification by
 * the speed at which both sides were read.
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
  // revisions, counters and series are taken for documents of the mean size: nobody has weighed them
  const allBytes = forecast.bytes * (forecast.documents > 0 ? all / forecast.documents : 1);
  const limited = maxItemsPerSecond === null ? 0 : all / maxItemsPerSecond;
  const times = [
    documents > 0 ? (all / documents) * seconds : 0,
    bytes > 0 ? (allBytes / bytes) * seconds : 0,
  ];
  const readTarget = documents > 0 ? (all / documents) * sample.readSeconds : 0;
  return {
    copySeconds: {
      from: Math.max(limited, LESS * Math.min(...times)),
      to: BESIDE + Math.max(limited, MORE * Math.max(...times)),
    },
    verificationSeconds: {
      from: LESS * Math.max(readSeconds, readTarget),
      to: BESIDE + MORE * (readSeconds + readTarget),
    },
    sample: {
      documents,
      bytes,
      seconds,
      documentsPerSecond: seconds > 0 ? Math.round(documents / seconds) : 0,
    },
  };
}

/** With less to spare, the rounds fall behind whenever somebody writes a little more. */
const MOST_OF_THE_COPY = 0.5;

/** Whether the rounds can keep up with the source's writers. */
export function catchUpCheck(changesPerSecond: number, { sample }: Estimate): Check {
  const name = 'catching up';
  const speed = `about ${formatCount(sample.documentsPerSecond)} documents a second were copied`;
  const writes = `${formatCount(Math.round(changesPerSecond * 60))} changes a minute while the source was read`;
  return sample.documentsPerSecond === 0 || changesPerSecond < sample.documentsPerSecond * MOST_OF_THE_COPY
    ? { name, status: 'ok', message: `${writes}; ${speed}.` }
    : {
        name,
        status: 'warning',
        message:
          `${writes}, and only ${speed}: the rounds may never catch up. Migrate at a calmer hour, or stop some ` +
          'of the writers.',
      };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A sample, or why there is none. */
export type Sampling = { sample: Sample } | { refused: string };

/** What reading the source told. */
export interface SourceForecast {
  forecast: Forecast;
  checks: Check[];
  /** Items that were counted and not looked at. */
  items: OtherItems;
  readSeconds: number;
  changesPerSecond: number;
}
