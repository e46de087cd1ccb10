/** A source that is heavy enough for faults to strike in the middle of its copy. */
import pMap from 'p-map';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Application } from './application.ts';
import { createDatabase } from './databases.ts';
import { bytes } from './everything-attachments.ts';
import { entries } from './everything-numbers.ts';

const BATCH = 1000;
const FILES = 24;
const MEASURED = 40;

/** Megabytes, in the mixes that break when a dump is split. */
const SHARED = [4, 2, 1].map((megabytes, seed) => bytes(megabytes * 1_000_000, seed + 20));

/** The body of document `items/<n>`, of a version. It hardly compresses, so that its bytes have to travel. */
export function item(n: number, version = 0): string {
  const payload = bytes(300, n % 251)
    .subarray(n % 17)
    .toString('base64');
  const noise = (Math.imul(n + 1, 2_654_435_761) >>> 0).toString(36);
  return `{"n":${n},"version":${version},"price":${n}.50,"noise":"${noise}${payload}${noise}","@metadata":{"@collection":"Items"}}`;
}

/** Makes a database with so many documents `items/<n>`, attachments of some megabytes that documents share, and counters. */
export async function createHeavy(
  raven: RavenConnection,
  database: string,
  items: number,
  fileCount = FILES,
): Promise<void> {
  await createDatabase(raven, database);
  const application = new Application(raven, database);
  for (let start = 0; start < items; start += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, items - start) }, (_, at) => start + at);
    await application.putAll(numbers.map((n) => [`items/${n}`, item(n)]));
  }
  const files = Array.from({ length: fileCount }, (_, n) => n);
  await application.putAll(files.map((n) => [`files/${n}`, '{"@metadata":{"@collection":"Files"}}']));
  await pMap(
    files,
    async (n) => {
      await application.attach(`files/${n}`, 'own', `own ${n}`);
      const mix = [SHARED[n % 3], ...(n % 2 === 0 ? [SHARED[(n + 1) % 3]] : [])];
      for (const [at, shared] of mix.entries()) {
        if (shared) await application.attach(`files/${n}`, `shared-${at}`, shared);
      }
    },
    { concurrency: 8 },
  );
  await pMap(
    Array.from({ length: MEASURED }, (_, n) => `items/${n}`),
    async (id) => {
      await application.increment(id, { likes: '9007199254740993', dislikes: -1 });
      await application.append(id, 'HeartRate', entries(20));
    },
    { concurrency: 8 },
  );
}
