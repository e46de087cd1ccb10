import type { Command } from 'commander';
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
