import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBrowser } from '../../dev/browser.ts';
import type { RunReport } from '../../src/core/run/report.ts';
import { reportPage } from '../../src/report/page.ts';
import { empty, full, samples } from './samples.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const WIDTHS = { desk: 1200, telephone: 420 };

interface Label {
  text: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Run in the page: the labels of each chart that are shown, without the white above and below their letters. */
const LABELS = `[...document.querySelectorAll('svg.chart')].map((chart) =>
  [...chart.querySelectorAll('text')].filter((each) => each.checkVisibility()).map((each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    return { text: each.textContent, left, right, top: top + 2, bottom: bottom - 2 };
  }))`;

function overlap(one: Label, other: Label): boolean {
  const beside = one.right <= other.left || other.right <= one.left;
  return !beside && one.top < other.bottom && other.top < one.bottom;
}

describe('the page of a report in a browser', { timeout: 60_000 }, () => {
  let browser: Browser | undefined;
  let why = '';

  beforeAll(async () => {
    try {
      browser = await openBrowser();
    } catch (error) {
      why = `No browser starts here; SHARDLIFT_CHROMIUM may name one. ${error}`;
      process.stderr.write(`${why}\n`);
    }
  }, 120_000);
  beforeEach(({ skip }) => skip(browser === undefined, why));
  afterAll(() => browser?.close());

  /** Everything that the page said to the console or asked of the network. */
  let heard: string[];

  async function open(
    report: RunReport,
    { width = WIDTHS.desk, colorScheme = 'light' as 'light' | 'dark' } = {},
  ): Promise<Page> {
    if (!browser) throw new Error(why);
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    heard = [];
    page.on('console', (message) => heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(String(error)));
    page.on('request', (request) => heard.push(request.url()));
    await page.setContent(reportPage(report));
    return page;
  }

  /** What an audit of accessibility finds, with every part of the page folded out. */
  async function audited(page: Page): Promise<string[]> {
    await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
    await page.evaluate(AXE);
    const { violations, passes } = await page.evaluate<AxeResults>('axe.run()');
    expect(passes.length).toBeGreaterThan(10);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }

  /** How much wider the page is than the window. */
  async function overflow(page: Page): Promise<number> {
    return await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
  }

  const looks = Object.entries(WIDTHS).flatMap(([on, width]) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ on, width, colorScheme })),
  );

  test.each(looks)('shows what there is, $colorScheme on a $on', async (look) => {
    const page = await open(full, look);
    const seen = [
      page.getByRole('heading', { level: 1, name: 'Migration of prod/Shop' }),
      page.getByText('Completed', { exact: true }),
      page.getByText('675 ms, of a budget of 30s'),
      page.getByRole('region', { name: 'Write outages' }).getByRole('row', { name: 'Cutover' }),
      page.getByRole('region', { name: 'Phases' }).getByRole('row', { name: 'final-verifying' }),
      page.getByRole('img', { name: 'Items a second' }),
      page.getByRole('img', { name: 'Changes that the target lacked' }),
      page.getByRole('region', { name: 'What each shard holds' }),
      page.getByRole('cell', { name: 'differs in "Price"' }),
      page.getByRole('cell', { name: 'approval of the cutover' }),
      page.getByRole('cell', { name: 'set where each starts' }),
    ];
    for (const each of seen) expect(await each.isVisible(), each.toString()).toBe(true);
    expect(await overflow(page)).toBe(0);
    expect(await audited(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect(heard).toEqual([]);
    await page.close();
  });

  test.each(Object.entries(WIDTHS))(
    'has labels in its charts that are whole and apart, on a %s',
    async (_, width) => {
      const page = await open(full, { width });
      const charts = await page.evaluate<Label[][]>(LABELS);
      expect(charts).toHaveLength(2);
      for (const labels of charts) {
        expect(labels.length).toBeGreaterThan(8);
        for (const [index, label] of labels.entries()) {
          expect(label.left, label.text).toBeGreaterThan(0);
          expect(label.right, label.text).toBeLessThan(width);
          const hit = labels.slice(index + 1).filter((other) => overlap(label, other));
          expect(hit, label.text).toEqual([]);
        }
      }
      await page.close();
    },
  );

  test('paints in other colors in the dark, and black on white on paper', async () => {
    const paper = async (page: Page) =>
      await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const page = await open(full, { colorScheme: 'dark' });
    expect(await paper(page)).toBe('rgb(20, 23, 26)');
    await page.emulateMedia({ media: 'print' });
    expect(await paper(page)).toBe('rgb(255, 255, 255)');
    await page.close();
  });

  test.each(samples.map((report) => [report.workflowType, report] as const))(
    'is whole for a run of the type %s',
    async (_, report) => {
      const page = await open(report);
      expect(await page.getByRole('heading', { level: 1, name: report.title }).isVisible()).toBe(true);
      expect(await page.getByRole('region', { name: 'Phases' }).isVisible()).toBe(true);
      expect(await audited(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
      await page.setViewportSize({ width: WIDTHS.telephone, height: 900 });
      expect(await overflow(page)).toBe(0);
      expect(heard).toEqual([]);
      await page.close();
    },
  );

  test('has room for texts that nobody can break', async () => {
    const word = 'x'.repeat(300);
    const page = await open(
      { ...full, title: word, failure: word, differences: [{ kind: 'document', id: word, what: word }] },
      { width: WIDTHS.telephone },
    );
    expect(await overflow(page)).toBe(0);
    await page.close();
  });

  test('an audit finds what is wrong', async () => {
    const page = await open(empty);
    await page.evaluate('document.documentElement.removeAttribute("lang")');
    expect((await audited(page)).join()).toContain('html-has-lang');
    await page.close();
  });
});
