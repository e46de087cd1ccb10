import { type Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

/** They print for people and shells alone. */
const WITHOUT_JSON = ['worker', 'completion'];

interface Leaf {
  name: string;
  command: Command;
}

/** The commands that do something, by what is typed for them. */
function leavesOf(parent: Command, path: readonly string[] = []): Leaf[] {
  return parent
    .createHelp()
    .visibleCommands(parent)
    .flatMap((command) => {
      const names = [...path, command.name()];
      const below = leavesOf(command, names);
      return below.length > 0 ? below : [{ name: names.join(' '), command }];
    });
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (more) => {
      text += more;
    },
  });
  command.outputHelp();
  return text;
}

const leaves = leavesOf(createProgram());

describe.each(leaves)('shardlift $name', ({ name, command }) => {
  const optionNames = command.options.map(({ long }) => long);

  test('has a summary and a description', () => {
    expect(command.summary()).toMatch(/^[a-z].*[^.]$/);
    expect(command.description()).toMatch(/^[A-Z].*[^ ]$/);
    expect(command.description()).not.toBe(command.summary());
  });

  test('has an example of itself, of options that there are', () => {
    const [, examples = ''] = helpOf(command).split(/\nExamples?:\n/);
    expect(examples).toMatch(new RegExp(`^ {2}shardlift ${name}( |$)`, 'm'));
    for (const [option] of examples.matchAll(/(?<= )--[a-z0-9-]+/g)) expect(optionNames).toContain(option);
  });

  test.skipIf(WITHOUT_JSON.includes(name))('prints JSON with --json', () => {
    expect(optionNames).toContain('--json');
  });
});

test('commands without JSON are those that are named here', () => {
  const without = leaves.filter(({ command }) => command.options.every(({ long }) => long !== '--json'));
  expect(without.map(({ name }) => name)).toEqual(WITHOUT_JSON);
});

test('an option of one name takes the same kind of value everywhere', () => {
  const kinds = new Map<string, Set<string>>();
  for (const { command } of leaves) {
    for (const { long, flags } of command.options) {
      const [, value = ''] = /--\S+ (.*)$/.exec(flags) ?? [];
      kinds.set(long ?? flags, (kinds.get(long ?? flags) ?? new Set()).add(value));
    }
  }
  const different = [...kinds].filter(([, values]) => values.size > 1);
  expect(Object.fromEntries(different.map(([name, values]) => [name, [...values]]))).toEqual({
    // a page, or a folder of evidence
    '--output': ['<file>', '<folder>'],
  });
});

describe('a command that is typed wrongly is told what is wrong, and where help is', () => {
  const HELP = '\nTo see what there is, add --help.\n';

  /** What is said; nothing is run. */
  async function said(...args: string[]): Promise<{ exitCode: number; text: string }> {
    const program = createProgram();
    let text = '';
    const output = {
      writeErr: (more: string) => {
        text += more;
      },
    };
    for (const command of [program, ...program.commands]) command.configureOutput(output);
    const error = await program.parseAsync(args, { from: 'user' }).catch((reason) => reason);
    expect(error).toBeInstanceOf(CommanderError);
    return { exitCode: (error as CommanderError).exitCode, text };
  }

  test.each([
    ['an unknown command', ['migrat'], "error: unknown command 'migrat'\n(Did you mean migrate?)"],
    ['a missing argument', ['watch'], "error: missing required argument 'workflowId'"],
    [
      'too many arguments',
      ['list', 'all'],
      "error: too many arguments for 'list'. Expected 0 arguments but got 1.",
    ],
    ['an unknown option', ['list', '--al'], "error: unknown option '--al'\n(Did you mean --all?)"],
    ['an option without its value', ['list', '--limit'], "error: option '--limit <n>' argument missing"],
    [
      'a value that is no choice',
      ['migrate', '--method', 'fast'],
      "error: option '--method <method>' argument 'fast' is invalid. Allowed choices are stream, dump, backup, replication.",
    ],
    [
      'an option that is missing',
      ['throttle', 'm'],
      "error: required option '--max-items-per-second <n>' not specified",
    ],
  ])('%s', async (_what, args, text) => {
    expect(await said(...args)).toEqual({ exitCode: 1, text: `${text}${HELP}` });
  });

  test('no command at all', async () => {
    expect((await said()).text).toMatch(/^Usage: shardlift \[options\] \[command\]\n/);
  });
});
