import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = globSync(['*.md', 'docs/*.md'], { cwd: ROOT });
const SCRIPTS: Record<string, string> = JSON.parse(read('package.json')).scripts;
const SOURCES = new Set(
  globSync('{src,dev,scripts,test}/**/*.ts', { cwd: ROOT }).map((file) => basename(file)),
);

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** What GitHub makes of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(target).includes(anchor);
}

/** Whether a name in backticks is that of a file or folder that is not there; `*` and `<...>` stand for anything. */
function isMissing(name: string): boolean {
  const pattern = name.replaceAll(/<[^>]+>/g, '*');
  if (/^(src|dev|scripts|test|docs|\.ci)\/\S+$/.test(pattern))
    return globSync(pattern, { cwd: ROOT }).length === 0;
  return /^[\w-]+\.ts$/.test(name) && !SOURCES.has(name);
}

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  test('links to what is there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => isBroken(page, link))).toEqual([]);
  });

  test('names files that are there', () => {
    const names = [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
    expect(names.filter(isMissing)).toEqual([]);
  });

  test('names npm scripts that are there', () => {
    const scripts = [...text.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
    expect(scripts.filter((name) => !(name in SCRIPTS))).toEqual([]);
  });
});
