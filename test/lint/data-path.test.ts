/** Rules for what the data goes through that lint has no rule for. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** The lines of the rooms that the data goes through, as `file: line`. */
const lines = globSync('src/{activities,engine,ravendb,stores}/**/*.ts').flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => `${file}: ${line.trim()}`),
);

test('a list of unknown length is worked through by askEach, a bounded number at a time', () => {
  const unbounded = lines.filter((line) => /Promise\.(all|allSettled)\((?!\[(?!\.\.\.))/.test(line));
  expect(unbounded).toEqual([
    // imports that run already, one for each shard
    'src/engine/transfer/dump-to-shards.ts: await Promise.all([...feeds].map((feed) => feed.settled()));',
    'src/engine/transfer/dump-to-shards.ts: const results = await Promise.all(feeds.map((feed) => feed.end()));',
  ]);
});

test('what an earlier attempt has left is read by lastHeartbeat, which checks its form', () => {
  const read = lines.filter((line) => /(?<!readonly )\blastHeartbeat\b(?!\(|<| }| :)/.test(line));
  expect(read.filter((line) => line.startsWith('src/engine/'))).toEqual([
    'src/engine/work/last-heartbeat.ts: export function lastHeartbeat<T>({ lastHeartbeat: left }: Work, schema: z.ZodType<T>): T | undefined {',
  ]);
});

test('no file is read or written synchronously: the same thread beats the heart of all other work', () => {
  const synchronous = lines.filter(
    (line) => /\b[a-z]\w*Sync\(/.test(line) && !/\b(read|record)LastSync|recordSync/.test(line),
  );
  expect(synchronous).toEqual([
    // a certificate, once for each connection
    'src/ravendb/connection/connection.ts: return readFileSync(path);',
  ]);
});
