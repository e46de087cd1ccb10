import { execFile } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { covers, folderOf, mayImport, packageRows, rooms } from './rooms.ts';

const byName = (a: string, b: string) => (a < b ? -1 : 1);
const files = globSync('src/**/*.ts').map((file) => relative('src', file));
const folders = [...new Set(files.map((file) => dirname(file)))].toSorted(byName);
const packages = packageRows.flatMap((row) => row.packages);

/** Everything that a room could import: each other room, each file with rules of its own, what lies beside `src`. */
const targets = [
  ...new Set([
    ...rooms.map(({ name }) => name),
    ...rooms.flatMap(({ may }) => may.map(({ target }) => target)),
  ]),
].filter((target) => target.endsWith('.ts') || folders.includes(target));

const specifier = (from: string, target: string): string => {
  const path = relative(folderOf(from), target.endsWith('.ts') ? target : join(target, 'planted.ts'));
  return path.startsWith('.') ? path : `./${path}`;
};

/** A file of one room, an import a line, and what each line imports. */
const plants = rooms.map((room) => {
  const others = [...targets.filter((target) => folderOf(target) !== folderOf(room.name)), '../dev'];
  return {
    file: room.name.endsWith('.ts') ? room.name : join(room.name, 'planted.ts'),
    room,
    lines: [
      ...others.map((target) => ({
        target,
        from: specifier(room.name, target),
        allowed: mayImport(room, target),
      })),
      ...packages.map((name) => ({
        target: name,
        from: name,
        allowed: packageRows.some(
          (row) =>
            row.packages.includes(name) && row.rooms.some((where) => covers(where, folderOf(room.name))),
        ),
      })),
    ],
  };
});

let directory: string;
/** What lint said: rule, file under `src`, line. */
let found: { rule: string; file: string; line: number }[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shardlift-lint-'));
  await cp('biome.json', join(directory, 'biome.json'));
  const write = (file: string, lines: string[]) => {
    const path = join(directory, 'src', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, lines.join('\n'));
  };
  for (const { file, lines } of plants)
    write(
      file,
      lines.map(({ from }, at) => `import a${at} from '${from}';`),
    );
  for (const folder of folders) write(join(folder, 'globals.ts'), ['Buffer.from("");', 'process.exit();']);
  found = await lint();
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function lint(): Promise<typeof found> {
  const output = await new Promise<string>((done) => {
    const rules = ['noRestrictedImports', 'noRestrictedGlobals'].map((rule) => `--only=style/${rule}`);
    const options = ['--reporter=github', '--max-diagnostics=none', '--vcs-enabled=false'];
    execFile(
      resolve('node_modules/.bin/biome'),
      ['lint', ...rules, ...options],
      { cwd: directory, maxBuffer: 1e8 },
      (_, stdout) => done(stdout),
    );
  });
  return [...output.matchAll(/title=lint\/style\/(\w+),file=([^,]*),line=(\d+)/g)].map(
    ([, rule = '', file = '', line]) => ({
      rule,
      file: relative(join(directory, 'src'), resolve(directory, file)),
      line: Number(line),
    }),
  );
}

test('ARCHITECTURE.md has a row for each folder of src', () => {
  const named = rooms.map(({ name }) => name).filter((name) => !name.endsWith('.ts'));
  expect(named.toSorted(byName)).toEqual(folders);
});

describe.each(plants)('lint of $file', ({ file, lines }) => {
  test('refuses exactly the imports that its row does not name', () => {
    const refused = found
      .filter((each) => each.rule === 'noRestrictedImports' && each.file === file)
      .map(({ line }) => lines[line - 1]?.target ?? '');
    const forbidden = lines.filter(({ allowed }) => !allowed).map(({ target }) => target);
    expect(refused.toSorted(byName)).toEqual(forbidden.toSorted(byName));
    expect(forbidden).toContain('../dev');
    expect(forbidden.length).toBeGreaterThan(1);
  });
});

test("lint refuses Node's globals in workflows and in what they may import", () => {
  const refusing = new Set(
    found.filter(({ rule }) => rule === 'noRestrictedGlobals').map(({ file }) => dirname(file)),
  );
  const workflows = rooms.filter(({ name }) => name === 'workflows');
  const safe = folders.filter(
    (folder) =>
      covers('workflows', folder) ||
      (covers('core', folder) && workflows.every((room) => mayImport(room, folder) !== false)),
  );
  expect([...refusing].toSorted(byName)).toEqual(safe);
  const lines = found.filter(
    ({ rule, file }) => rule === 'noRestrictedGlobals' && file === 'workflows/globals.ts',
  );
  expect(lines.map(({ line }) => line).toSorted((a, b) => a - b)).toEqual([1, 2]);
});

test('no override of lint lets a file off', () => {
  const { overrides } = JSON.parse(readFileSync('biome.json', 'utf8')) as { overrides: unknown[] };
  expect(JSON.stringify(overrides)).not.toMatch(/"noRestricted\w+":"(off|warn|info)"/);
});

/** Every import of a file: also those that lint does not see, `import('...').Type`. */
function importsOf(file: string): { from: string; typesOnly: boolean }[] {
  const text = readFileSync(join('src', file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)( type)?\s(?:[^;'"]*\sfrom\s)?'(\.[^']+)'/gm);
  const expressions = text.matchAll(/import\('(\.[^']+)'\)/g);
  return [
    ...[...statements].map(([, type, from = '']) => ({ from, typesOnly: type !== undefined })),
    ...[...expressions].map(([, from = '']) => ({ from, typesOnly: false })),
  ];
}

test('every import of src is one that the table names, and of types where it names types', () => {
  const wrong = files.flatMap((file) => {
    const room = rooms.find(({ name }) => name === file) ?? rooms.find(({ name }) => name === dirname(file));
    return importsOf(file)
      .map(({ from, typesOnly }) => ({ target: join(dirname(file), from), typesOnly }))
      .filter(({ target, typesOnly }) => {
        const allowed = room ? mayImport(room, target) : false;
        return allowed === 'types' ? !typesOnly : !allowed;
      })
      .map(({ target }) => `${file} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

describe('src', () => {
  test('has no folder of more than 20 files', () => {
    const full = folders.filter((folder) => files.filter((file) => dirname(file) === folder).length > 20);
    expect(full).toEqual([]);
  });

  test('has no file of more than 400 lines', () => {
    const long = files.filter((file) => readFileSync(join('src', file), 'utf8').split('\n').length > 401);
    expect(long.map((file) => basename(file))).toEqual([]);
  });
});
