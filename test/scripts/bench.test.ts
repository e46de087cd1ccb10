import { describe, expect, it } from 'vitest';
import { jsonLine, type Measurement, ratios, workerPeakMb } from '../../scripts/bench/copy-figures.ts';
import { section, tables } from '../../scripts/bench/copy-section.ts';
import { benchDocument } from '../../scripts/bench/documents.ts';
import { median } from '../../scripts/bench/figures.ts';
import { peakOf } from '../../scripts/bench/memory.ts';
import { withPart } from '../../scripts/bench/page.ts';

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
