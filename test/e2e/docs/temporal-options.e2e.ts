import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { locateTemporal } from '../../../dev/servers/index.ts';
import { commandsIn, commandsInSentences, pages, textOf, wordsOf } from '../../support/docs/page.ts';

const texts = pages.map(textOf);
const commands = [...new Set(texts.flatMap((text) => [...commandsIn(text), ...commandsInSentences(text)]))]
  .filter((command) => command.startsWith('temporal '))
  .map((command) => wordsOf(command).slice(1));

/** The words before the first option: what is called. */
function calledBy(words: string[]): string {
  const end = words.findIndex((word) => word.startsWith('-'));
  return words.slice(0, end < 0 ? undefined : end).join(' ');
}

describe("Temporal's command line has", () => {
  let temporal: string;

  beforeAll(async () => {
    temporal = (await locateTemporal({})).command;
  });

  test.each([...new Set(commands.map(calledBy))])(
    '%s, with the options that the pages use',
    async (called) => {
      const { stdout } = await promisify(execFile)(temporal, [...called.split(' '), '--help']);
      expect(stdout).toMatch(new RegExp(`^ {2}temporal ${called}( \\[|$)`, 'm'));
      const known = new Set(
        [...stdout.matchAll(/^ +(?:(-\w), )?(--[\w-]+)/gm)].flatMap(([, ...names]) => names),
      );
      const used = commands.filter((words) => calledBy(words) === called).flat();
      const options = used.filter((word) => /^--?[a-z][\w-]*$/.test(word));
      expect(options.filter((option) => !known.has(option))).toEqual([]);
    },
  );
});
