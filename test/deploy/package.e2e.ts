import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOT_COPIED = ['.git', 'dist', 'node_modules', 'reports', 'dumps'];
/** What the package may hold beside `dist`. */
const DOCUMENTS =
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|CONTRIBUTING\.md|ARCHITECTURE\.md|shardlift\.example\.yaml|docs\/.+\.(?:md|png)|docs\/report\.schema\.json)$/;

interface Manifest {
  bin: { shardlift: string };
  dependencies: Record<string, string>;
}

const BUNDLE = 'dist/workflow-bundle.js';

const run = promisify(execFile);
let directory: string;
let unpacked: string;
let files: string[];
let manifest: Manifest;

/** Packs a copy of the checkout, as `npm publish` would, and unpacks it beside production dependencies alone. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shardlift-package-'));
  const checkout = join(directory, 'checkout');
  const isCopied = (path: string) => !NOT_COPIED.includes(relative(ROOT, path).split(sep)[0] ?? '');
  await cp(ROOT, checkout, { recursive: true, filter: isCopied });
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', directory], { cwd: checkout });
  const archive = /"filename": "(.+\.tgz)"/.exec(stdout)?.[1] ?? '';
  await run('tar', ['-xzf', join(directory, archive), '-C', directory]);
  unpacked = join(directory, 'package');
  manifest = JSON.parse(await readFile(join(unpacked, 'package.json'), 'utf8'));
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
  files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(unpacked, join(entry.parentPath, entry.name)));
  await linkProductionDependencies(join(unpacked, 'node_modules'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What `npm install` would put there, by the lock file: everything but what only development needs. */
async function linkProductionDependencies(target: string): Promise<void> {
  const lock: { packages: Record<string, { dev?: boolean }> } = JSON.parse(
    await readFile(join(ROOT, 'package-lock.json'), 'utf8'),
  );
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? [];
    if (dev || !name) continue;
    await mkdir(dirname(join(target, name)), { recursive: true });
    await symlink(join(ROOT, path), join(target, name));
  }
}

/** Names of the packages that a module imports, Node's own among them. */
function packagesIn(source: string): string[] {
  const imports = /^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*'([^']+)';|\bimport\(\s*'([^']+)'/gm;
  const specifiers = [...source.matchAll(imports)].map(([, declared, dynamic]) => declared ?? dynamic ?? '');
  return specifiers
    .filter((specifier) => !specifier.startsWith('.'))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
}

describe('the published package', () => {
  test('holds the compiled product and its documents, and nothing else', async () => {
    const others = files.filter((file) => !file.startsWith('dist/') && !DOCUMENTS.test(file));
    expect(others).toEqual([]);
    const sources = new Set(await readdir(join(ROOT, 'src'), { recursive: true }));
    const compiled = files.filter((file) => /^dist\/.+\.js$/.test(file) && file !== BUNDLE);
    expect(files).toContain(BUNDLE);
    expect(compiled.length).toBeGreaterThan(100);
    const sourceOf = (file: string) => file.replace(/^dist\//, '').replace(/js$/, 'ts');
    expect(compiled.filter((file) => !sources.has(sourceOf(file)))).toEqual([]);
  });

  test('neither fetches, compiles nor patches servers', async () => {
    for (const file of files.filter((name) => /\.(js|json)$/.test(name))) {
      const text = await readFile(join(unpacked, file), 'utf8');
      const forbidden = /ravendb-embedded|@temporalio\/testing|pip install|go install|npm pack/;
      if (file !== 'package.json') expect(forbidden.exec(text)?.[0], file).toBeUndefined();
    }
  });

  test('imports its production dependencies and no other package', async () => {
    const imported = new Set<string>();
    for (const file of files.filter((name) => name.endsWith('.js') && name !== BUNDLE))
      for (const name of packagesIn(await readFile(join(unpacked, file), 'utf8'))) imported.add(name);
    const packages = [...imported].filter((name) => !builtinModules.includes(name.replace(/^node:/, '')));
    expect(packages).toEqual(expect.arrayContaining(['@temporalio/worker', 'ravendb', 'zod']));
    expect(packages.filter((name) => !(name in manifest.dependencies))).toEqual([]);
  });

  test('loads and starts with its production dependencies alone', async () => {
    const main = join(unpacked, manifest.bin.shardlift);
    const { stdout } = await run(main, ['--help']);
    expect(stdout).toMatch(/^ {2}migrate\b/m);
    // a worker loads everything else before it looks for Temporal
    const env = {
      ...process.env,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      SHARDLIFT_CONNECTION_LOCAL_URLS: 'http://127.0.0.1:1',
    };
    const worker = run(main, ['worker'], { cwd: directory, env });
    await expect(worker).rejects.toThrow(/127\.0\.0\.1:1/);
  });

  test('holds every file that its README links to', async () => {
    const readme = await readFile(join(unpacked, 'README.md'), 'utf8');
    const linked = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path);
    expect(linked.length).toBeGreaterThan(5);
    expect(files).toEqual(expect.arrayContaining(linked));
  });
});
