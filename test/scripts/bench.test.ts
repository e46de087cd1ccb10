import { describe, expect, it } from 'vitest';
import { jsonLine, type Measurement, ratios, workerPeakMb } from '../../scripts/bench/copy-figures.ts';
import { section, tables } from '../../scripts/bench/copy-section.ts';
import { benchDocument } from '../../scripts/bench/documents.ts';
import { median } from '../../scripts/bench/figures.ts';
import { peakOf } from '../../scripts/bench/memory.ts';
import { withPart } from '../../scripts/bench/page.ts';
import {
  requireWhole,
  type VerifyMeasurement,
  verifyJsonLine,
  verifyRatios,
} from '../../scripts/bench/verify-figures.ts';
import { verifySection, verifyTable } from '../../scripts/bench/verify-section.ts';

const run = (seconds: number, peakRssMb = 100) => ({ seconds, peakRssMb });
const setting = { date: '2026-01-01', shards: 3, ravendb: '7.1.5', temporal: '1.2.3', load: 0.1 };

const measurement: Measurement = {
  docs: 20_000,
  rounds: [
    { bare: run(1, 400), stream: run(0.7), dump: run(0.9) },
    // the machine was slow for a while: both were
    { bare: run(4, 410), stream: run(3.2, 155.6), dump: run(4) },
    { bare: run(1, 420), stream: run(0.9), dump: run(1.1) },
  ],
  kills: [{ undisturbed: run(10), killed: { ...run(11.234, 120), killedAt: 10_500 } }],
};

describe('the generator', () => {
  const text = (number: number) => JSON.stringify(benchDocument(number));

  it('makes the same document for a number in any order', () => {
    const forward = [0, 1, 2, 3, 999_999].map(text);
    const backward = [999_999, 3, 2, 1, 0].map(text).reverse();
    expect(forward).toEqual(backward);
  });

  it('stays as it is, so that figures of today compare with those of tomorrow', () => {
    expect(benchDocument(5)).toMatchObject({
      id: 'customers/5-A',
      document: { number: 5, '@metadata': { '@collection': 'Customers' } },
    });
    expect(text(5).slice(0, 120)).toMatchInlineSnapshot(
      `"{"id":"customers/5-A","document":{"number":5,"name":"nectar willow","email":"94e4abcd0f@moss.example","addresses":[{"str"`,
    );
  });

  it('makes documents of about 1 KB, each different', () => {
    const texts = Array.from({ length: 1_000 }, (_, number) => text(number));
    expect(new Set(texts).size).toBe(texts.length);
    const average = texts.reduce((sum, each) => sum + Buffer.byteLength(each), 0) / texts.length;
    expect(average).toBeGreaterThan(850);
    expect(average).toBeLessThan(1_250);
  });
});

const verified: VerifyMeasurement = {
  docs: 20_000,
  rounds: [
    { import: run(2, 400), verify: run(0.5), oneByOne: run(5, 200), inBatches: run(3, 310) },
    { import: run(8, 410), verify: run(3.2, 155.6), inBatches: run(16, 320.4) },
    { import: run(2, 420), verify: run(0.6), inBatches: run(3.6, 300) },
  ],
};
const withoutScripts: VerifyMeasurement = {
  docs: 1_000_000,
  rounds: [{ import: run(90, 1400), verify: run(27, 200) }],
};

describe('the figures', () => {
  it('take the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('compare within each round', () => {
    expect(ratios(measurement)).toEqual({ stream: 0.8, dump: 1, killedAtHalf: 1.1234 });
  });

  it('take the peak of the workers, not of the bare script', () => {
    expect(workerPeakMb(measurement)).toBe(155.6);
  });

  it('make one line of JSON', () => {
    expect(jsonLine(measurement)).toBe(
      '{"docs":20000,"ratio":{"stream":0.8,"dump":1},"killedAtHalf":1.12,"peakRssMb":156}',
    );
  });

  it('say null for what was not measured', () => {
    expect(JSON.parse(jsonLine({ ...measurement, kills: [] }))).toMatchObject({ killedAtHalf: null });
  });
});

describe('the peak of memory', () => {
  it('is read from what Linux tells of a process', () => {
    expect(peakOf('Name:\tnode\nVmPeak:\t  999 kB\nVmHWM:\t  153600 kB\nVmRSS:\t  1 kB\n')).toBe(150);
    expect(() => peakOf('Name:\tnode\n')).toThrow('does not tell');
  });
});

describe('the tables', () => {
  it('hold a row for each size, and what was killed', () => {
    const lines = tables([measurement, { ...measurement, docs: 1_000_000, kills: [] }]).split('\n');
    expect(lines).toContain(
      '| 20,000 | 3 | 1.0 s (1.0 - 4.0) | 0.9 s (0.7 - 3.2) | 1.1 s (0.9 - 4.0) | 0.80 | 1.00 | 156 MB | 420 MB |',
    );
    expect(lines.filter((line) => line.startsWith('| 1,000,000 '))).toHaveLength(1);
    expect(lines).toContain('| 20,000 | 1 | 10.0 s | 11.2 s | 1.12 | 10,500 |');
  });

  it('stand in a part that names the command and the versions', () => {
    const text = section([measurement], { ...setting, command: 'npm run bench:copy -- --write' });
    expect(text).toContain('    npm run bench:copy -- --write\n');
    expect(text).toContain('RavenDB 7.1.5, Temporal 1.2.3');
    expect(text).toContain(tables([measurement]));
  });
});

describe('the figures of the verification', () => {
  it('compare within each round', () => {
    expect(verifyRatios(verified)).toEqual({ toImport: 0.3, toNaive: 10, toBatches: 6 });
  });

  it('make one line of JSON, with the peak of the worker alone', () => {
    expect(verifyJsonLine(verified)).toBe('{"docs":20000,"toImport":0.3,"toNaive":10,"peakRssMb":156}');
  });

  it('say null, and a dash to people, where the scripts were not measured', () => {
    expect(verifyJsonLine(withoutScripts)).toBe(
      '{"docs":1000000,"toImport":0.3,"toNaive":null,"peakRssMb":200}',
    );
    expect(verifyTable([withoutScripts]).split('\n').at(-1)).toBe(
      '| 1,000,000 | 1 | 90.0 s | 27.0 s | - | - | 0.30 | - | - | 200 MB | - |',
    );
  });

  it('make a row for each size', () => {
    expect(verifyTable([verified, withoutScripts]).split('\n')).toContain(
      '| 20,000 | 3 | 2.0 s (2.0 - 8.0) | 0.6 s (0.5 - 3.2) | 5.0 s | 3.6 s (3.0 - 16.0) | 0.30 | 10.00 | 6.00 | 156 MB | 320 MB |',
    );
  });

  it('stand in a part that names the command and the versions', () => {
    const text = verifySection([verified], { ...setting, command: 'npm run bench:verify -- --write' });
    expect(text).toContain('    npm run bench:verify -- --write\n');
    expect(text).toContain('RavenDB 7.1.5, Temporal 1.2.3');
    expect(text).toContain(verifyTable([verified]));
  });
});

describe('a comparison of equal databases', () => {
  const compared = (source: number, target: number, mismatches = 0) => ({
    documents: { source, target },
    mismatches,
  });

  it('counts when it looked at every document and found no difference', () => {
    expect(() => requireWhole('The script', compared(5, 5), 5)).not.toThrow();
  });

  it('is an error when it looked at fewer, on either side, or at more', () => {
    const message = 'The script compared 4 documents of the source and 5 of the target; each has 5.';
    expect(() => requireWhole('The script', compared(4, 5), 5)).toThrow(message);
    expect(() => requireWhole('The script', compared(5, 4), 5)).toThrow('5 documents of the source and 4');
    expect(() => requireWhole('The script', compared(6, 6), 5)).toThrow('each has 5');
  });

  it('is an error when it found a difference', () => {
    expect(() => requireWhole('The script', compared(5, 5, 2), 5)).toThrow('equal databases: 2');
  });
});

describe('the page', () => {
  const copied = withPart('', 'copy', '## The copy\n\n| 1 |\n');

  it('begins with a title, and holds what all figures have in common', () => {
    expect(copied).toMatch(/^<!-- .+?-->\n\n# Benchmarks\n\n<!-- bench:copy -->\n\n## The copy\n/s);
    expect(copied.match(/^## What holds for all figures$/gm)).toHaveLength(1);
  });

  it('gets a part without a change of the other one, whichever comes first', () => {
    const both = withPart(copied, 'verify', '## The verification');
    expect(both).toContain(
      '<!-- bench:copy -->\n\n## The copy\n\n| 1 |\n\n<!-- /bench:copy -->\n\n<!-- bench:verify -->',
    );
    expect(withPart(withPart('', 'verify', '## The verification'), 'copy', '## The copy\n\n| 1 |')).toBe(
      both,
    );
  });

  it('gets a part in place of the one that it had', () => {
    const both = withPart(copied, 'verify', '## The verification');
    const again = withPart(both, 'copy', '## The copy\n\n| 2 |');
    expect(again).toBe(both.replace('| 1 |', '| 2 |'));
    expect(withPart(again, 'copy', '## The copy\n\n| 2 |')).toBe(again);
  });
});
