/** `docs/benchmarks.md`: a part for each benchmark, each written by its own command. */
import { arch, cpus, platform, totalmem } from 'node:os';

/** The benchmarks, in the order of the page. */
const benchNames = ['copy', 'verify', 'cutover'] as const;

export type BenchName = (typeof benchNames)[number];

/** On what it was measured. */
export interface Setting {
  command: string;
  date: string;
  shards: number;
  ravendb: string;
  temporal: string;
  /** Load average of the last minute when the measurement began. */
  load: number;
}

const HEAD = `<!-- Written by \`npm run bench:copy -- --write\`, \`npm run bench:verify -- --write\` and \`npm run bench:cutover -- --write\`,
each its own part: run them again instead of editing. -->

# Benchmarks`;

const COMMON = `## What holds for all figures

- **The data**: documents of about 1 KB in four collections, from a seeded generator
  ([scripts/bench/documents.ts](../scripts/bench/documents.ts)); no attachments, counters, time series or revisions.
- **One machine**: servers, worker and script share it, and source and target share one server.
- **Rounds**: within a round, all ways use the same source, one after another; each round starts with another way.
  Times are medians over the rounds, with the fastest and the slowest in brackets; ratios are medians of the ratios
  within each round. One small round before the first warms up the servers and is not counted.
- **Peak memory**: the largest resident size (\`VmHWM\`) of a process that served only that run; the maximum over all runs of
  that size.`;

/** Where and how a part was measured. */
export function conditions({ command, date, ravendb, temporal, load }: Setting): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} cores, ${memory} GB of memory, ${platform()} ${arch()}`;
  return `    ${command}

${date}, on ${machine}; RavenDB ${ravendb}, Temporal ${temporal}, Node ${process.version.slice(1)}. Load average at the
start: ${load.toFixed(2)}.`;
}

/** The page with one part replaced. */
export function withPart(page: string, name: BenchName, part: string): string {
  const parts = benchNames.map((each) => (each === name ? marked(each, part) : partOf(page, each)));
  return `${[HEAD, ...parts.filter((each) => each !== ''), COMMON].join('\n\n')}\n`;
}

function marked(name: BenchName, part: string): string {
  const { begin, end } = markers(name);
  return `${begin}\n\n${part.trim()}\n\n${end}`;
}

/** A part with its markers; empty when the page has none of it. */
function partOf(page: string, name: BenchName): string {
  const { begin, end } = markers(name);
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  return from < 0 || to < from ? '' : page.slice(from, to + end.length);
}

function markers(name: BenchName): { begin: string; end: string } {
  return { begin: `<!-- bench:${name} -->`, end: `<!-- /bench:${name} -->` };
}
