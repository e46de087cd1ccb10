import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JobCommand, jobs } from '../../src/cli/commands/start-job.ts';
import { createProgram } from '../../src/cli/program.ts';
import { cutOverInput, migrationInput, rehearsalInput } from '../../src/cli/run/input.ts';
import { parseRemoveLeftovers } from '../../src/core/contract/cleanup-contract.ts';
import {
  type Parsed,
  parseApproval,
  parseCutOver,
  parseDecision,
  parseMigrateDatabase,
  parseNote,
  parseRehearsal,
  parseRehearseCutover,
  parseRepair,
  parseReplicateDatabase,
  parseSyncDatabase,
  parseThrottle,
  type RequestName,
  type WorkflowType,
} from '../../src/core/contract/contract.ts';
import {
  parseExportDatabase,
  parseImportBackup,
  parseImportDump,
} from '../../src/core/contract/file-contract.ts';
import { parseVerifyDatabases } from '../../src/core/contract/verify-contract.ts';
import {
  commandsIn,
  commandsInSentences,
  filesIn,
  pages,
  partsIn,
  textOf,
  wordsOf,
} from '../support/docs/page.ts';
import { elsewhere } from './run-elsewhere.ts';

const parseInput: Record<WorkflowType, (input: unknown) => Parsed<unknown>> = {
  migrateDatabase: parseMigrateDatabase,
  cutOver: parseCutOver,
  rehearseCutover: parseRehearseCutover,
  exportDatabase: parseExportDatabase,
  importDump: parseImportDump,
  importBackup: parseImportBackup,
  syncDatabase: parseSyncDatabase,
  replicateDatabase: parseReplicateDatabase,
  verifyDatabases: parseVerifyDatabases,
  planMigration: parseMigrateDatabase,
  removeLeftovers: parseRemoveLeftovers,
};

const parsePayload: Record<RequestName, (name: RequestName, payload: unknown) => Parsed<unknown>> = {
  approveCutover: parseApproval,
  rejectCutover: parseDecision,
  repair: parseRepair,
  skip: parseDecision,
  rehearse: parseRehearsal,
  complete: parseDecision,
  rollBack: parseDecision,
  pause: parseNote,
  resume: parseNote,
  throttle: parseThrottle,
  abort: parseNote,
};

const texts = pages.map(textOf);
const commands = [...new Set(texts.flatMap(commandsIn))];
const files = Object.assign({}, ...texts.map(filesIn)) as Record<string, string>;
const of = (program: string) => commands.filter((command) => command.startsWith(`${program} `));

/** The value of an option of a command. */
function option(command: string, name: string): string | undefined {
  const words = wordsOf(command);
  return words.includes(name) ? words[words.indexOf(name) + 1] : undefined;
}

test('a file has one content, whichever page prints it', () => {
  for (const text of texts) expect(files).toMatchObject(filesIn(text));
});

test('docs/tasks.md has twenty tasks, each in both ways; three of them at most need what a test has not', () => {
  const [intro = '', ...tasks] = textOf('docs/tasks.md').split(/^## \d+\. /m);
  expect(intro).toContain('**needs**');
  expect(tasks).toHaveLength(20);
  for (const task of tasks) {
    const programs = commandsIn(task).map((command) => command.split(' ')[0]);
    expect(programs.includes('temporal')).toBe(programs.includes('shardlift'));
  }
  expect(tasks.filter((task) => task.includes('**needs**')).length).toBeLessThanOrEqual(3);
});

describe("Shardlift's command line takes", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shardlift-docs-'));
    for (const [name, json] of Object.entries(files)) await writeFile(join(folder, name), json);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Parses a command without doing it. @returns its words and its options @throws what is wrong with it */
  async function parsed(words: string[]): Promise<{ path: string; options: Record<string, string> }> {
    const program = createProgram();
    let found: Command | undefined;
    for (const command of withInner(program)) {
      command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
      command.action((...given) => {
        found = given.at(-1) as Command;
      });
    }
    await program.parseAsync(words, { from: 'user' });
    return { path: pathOf(found), options: found?.opts() ?? {} };
  }

  function pathOf(command: Command | null | undefined): string {
    return command?.parent ? `${pathOf(command.parent)} ${command.name()}`.trim() : '';
  }

  /** Those that have others in them only carry these. */
  function withInner(command: Command): Command[] {
    return command.commands.flatMap((each) => (each.commands.length > 0 ? withInner(each) : [each]));
  }

  test.each(of('shardlift'))('%s', async (command) => {
    const { path, options } = await parsed(wordsOf(command).slice(1));
    expect(path).not.toBe('');
    const given = options.inputFile ? { ...options, inputFile: join(folder, options.inputFile) } : options;
    if (path === 'migrate') migrationInput(given);
    if (path === 'cut-over') 'rehearse' in given ? rehearsalInput(given) : cutOverInput(given);
    const job = path.replace('schedule create ', '');
    if (job in jobs) jobs[job as JobCommand](given);
  });

  const inSentences = [...new Set(texts.flatMap(commandsInSentences))].filter((each) =>
    each.startsWith('shardlift '),
  );
  // a sentence may leave out what it is not about
  const LEFT_OUT = ['commander.missingArgument', 'commander.missingMandatoryOptionValue', 'commander.help'];

  test.each(inSentences)('%s, where a sentence names it', async (command) => {
    const problem = await parsed(wordsOf(command).slice(1)).catch(({ code }: { code: string }) => code);
    if (typeof problem === 'string') expect(LEFT_OUT).toContain(problem);
  });
});

describe('a workflow takes the input of', () => {
  const starts = of('temporal').filter((command) =>
    /^temporal (workflow start|schedule create) /.test(command),
  );

  test.each(starts)('%s', (command) => {
    const type = option(command, '--type') as WorkflowType;
    const file = option(command, '--input-file');
    const json = file === undefined ? option(command, '--input') : files[file];
    expect(parseInput[type](JSON.parse(json ?? ''))).toMatchObject({ ok: true });
  });

  const parts = texts.flatMap(partsIn);
  test.each(parts)('a migration with %s', (part) => {
    const places = {
      source: { connection: 'prod', database: 'Shop' },
      target: { connection: 'prod', database: 'ShopSharded' },
    };
    expect(parseMigrateDatabase({ ...places, ...JSON.parse(part) })).toMatchObject({ ok: true });
  });
});

describe('a run takes the request of', () => {
  test.each(of('temporal').filter((command) => option(command, '--name')))('%s', (command) => {
    const name = option(command, '--name') as RequestName;
    expect(parsePayload[name](name, JSON.parse(option(command, '--input') ?? ''))).toMatchObject({
      ok: true,
    });
  });
});

describe('a test runs', () => {
  // the same run has one name in all commands of a way
  const named = (command: string) =>
    command.replace('<id>', command.startsWith('temporal ') ? 'migrate-shop' : 'migrate-Shop-to-ShopSharded');
  const tasks = new Set(commandsIn(textOf('docs/tasks.md')));

  test.each(commands)('%s', (command) => {
    const isElsewhere = elsewhere.some((each) => each.commands.test(command));
    if (!isElsewhere) expect([...tasks]).toContain(named(command));
  });

  test.each(elsewhere)('what is still printed, elsewhere: $commands', ({ commands: pattern, by, why }) => {
    expect(commands.filter((command) => pattern.test(command))).not.toEqual([]);
    expect(by ?? why).toBeDefined();
    if (by) expect(existsSync(by)).toBe(true);
  });
});
