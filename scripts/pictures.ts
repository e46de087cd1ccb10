/** Takes the picture of a report for the docs: `npm run pictures -- <report.json>`. */
import { mkdir, readFile } from 'node:fs/promises';
import { openBrowser } from '../dev/browser.ts';
import { reportPage } from '../src/report/page.ts';

const DIRECTORY = 'docs/pictures';
/** What somebody sees who opens it and scrolls a little. */
const SIZE = { width: 1200, height: 2000 };

const [file] = process.argv.slice(2);
if (!file) throw new Error('Name the report.json of a run: npm run pictures -- <report.json>');
const page = reportPage(JSON.parse(await readFile(file, 'utf8')));
await mkdir(DIRECTORY, { recursive: true });
const browser = await openBrowser();
try {
  const view = await browser.newPage({ viewport: SIZE });
  await view.setContent(page);
  await view.screenshot({ path: `${DIRECTORY}/report.png` });
} finally {
  await browser.close();
}
