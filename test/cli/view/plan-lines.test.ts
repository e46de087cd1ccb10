import { describe, expect, test } from 'vitest';
import { isPlan, planLines } from '../../../src/cli/view/plan-lines.ts';
import { parseMigrateDatabase, withChosen } from '../../../src/core/contract/contract.ts';
import { type PlannedMigration, planFindings } from '../../../src/core/plan/migration-plan.ts';
import { migrationSteps, notDone } from '../../../src/core/plan/steps.ts';
import { plain } from '../fixtures.ts';

const parsed = parseMigrateDatabase({
  source: { connection: 'prod', database: 'Shop' },
  target: { connection: 'prod', database: 'ShopSharded', shards: 2 },
});
if (!parsed.ok) throw new Error(parsed.problem);
const planned = withChosen(parsed.value, undefined);

const BUCKET = { bucket: 7, shard: 1, documents: 40, bytes: 40_000, example: 'lines/1$orders/1' };

function plan(fields: Partial<PlannedMigration> = {}) {
  const steps = migrationSteps(planned, false);
  return {
    phase: 'completed' as const,
    workflowId: 'plan-Shop-to-ShopSharded',
    reportPath: '/reports/plan/report.json',
    possible: true,
    checks: [
      { name: 'source server', status: 'ok' as const, message: 'RavenDB 7.1.5, license None.' },
      {
        name: 'distribution',
        status: 'warning' as const,
        message: `Shard 1 will hold more. ${'word '.repeat(60)}`,
      },
    ],
    steps,
    notCarried: ['collection "Sums": its 12 documents are written by index "Sums" and are not copied'],
    notDone: notDone(planned),
    forecast: {
      documents: 1_100,
      bytes: 300_000,
      shards: [
        { shard: 0, documents: 100, bytes: 75_000 },
        { shard: 1, documents: 1_000, bytes: 225_000 },
      ],
      skew: 1.5,
      buckets: { largest: [BUCKET], fullest: [{ ...BUCKET, bucket: 8, documents: 50 }] },
      anchored: { documents: 90, buckets: 2 },
      unknownShard: 1,
      collections: [],
      largestDocuments: [],
      mostExtensions: { attachments: [], counters: [], timeSeries: [] },
    },
    estimate: {
      copySeconds: { from: 65, to: 200 },
      verificationSeconds: { from: 10, to: 30 },
      sample: { documents: 1_100, bytes: 300_000, seconds: 2, documentsPerSecond: 550 },
    },
    estimateNote: 'From a sample.',
    ...fields,
  };
}

const text = (fields?: Partial<PlannedMigration>, width = 100) =>
  planLines(plan(fields), { width, palette: plain }).join('\n');

describe('a plan as text', () => {
  test('begins with the verdict and what needs a decision, and ends with what to do next', () => {
    expect(isPlan(plan())).toBe(true);
    const lines = text().split('\n');
    expect(lines[1]).toBe('✓ Possible: plan-Shop-to-ShopSharded (1 warning)');
    expect(lines[3]).toMatch(/^ {2}! distribution {2}Shard 1 will hold more/);
    expect(text()).toMatch(/Next +read the warning at the top, then migrate/);
  });

  test('says what blocks, and that it must go', () => {
    const blocker = { name: 'target database', status: 'blocker' as const, message: 'It exists.' };
    const shown = text({ possible: false, checks: [blocker], forecast: null, estimate: null });
    expect(shown).toContain('✗ Not possible yet: plan-Shop-to-ShopSharded (1 blocker)');
    expect(shown).toContain('✗ target database  It exists.');
    expect(shown).toContain('resolve the blocker at the top, then plan again');
    expect(shown).toMatch(/Estimate\n {2}None +From a sample\./);
    expect(shown).not.toContain('Forecast');
  });

  test('shows the shards, the buckets and the estimate as ranges', () => {
    const shown = text();
    expect(shown).toMatch(/^ +1 +1,000 +225 kB +75%$/m);
    expect(shown).toContain('the largest holds 1.50 times the mean');
    expect(shown.replaceAll(/\s+/g, ' ')).toContain(
      '40 documents, which share it because of their "$", 40.0 kB, such as "lines/1$orders/1"',
    );
    expect(shown).toContain('90 are in 2 buckets chosen by what follows the "$"');
    expect(shown).toContain('1 id with control characters');
    expect(shown).toMatch(/Copy +1 min 5 s to 3 min 20 s/);
    expect(shown).toMatch(/Verification +10 s to 30 s/);
  });

  test('marks the downtime and what people do', () => {
    const shown = text();
    expect(shown.match(/^ {6}downtime/gm)).toHaveLength(4);
    expect(shown.match(/ you: /g)).toHaveLength(3);
  });

  test.each([80, 100, 200])('fits into %i columns', (width) => {
    const longest = Math.max(
      ...text({}, width)
        .split('\n')
        .map((line) => line.length),
    );
    expect(longest).toBeLessThanOrEqual(Math.min(width, 110));
  });

  test('without a report says so', () => {
    const lines = planLines({ ...plan(), reportPath: null }, { width: 100, palette: plain });
    expect(lines.join('\n')).toMatch(/Report +not written/);
  });

  test('is told in a few lines on the page of the workflow', () => {
    const { checks, ...rest } = plan();
    expect(planFindings({ ...rest }, checks)).toEqual([
      'A migration is possible.',
      expect.stringMatching(/^Warning: distribution: Shard 1/),
      'Shards: 0 gets 100, 1 gets 1,000 documents; the largest holds 1.50 times the mean.',
      'Estimate: the copy takes 1 min 5 s to 3 min 20 s, a verification 10 s to 30 s.',
    ]);
  });
});
