/** What the pages of the documentation print for a person to type, and to put into files. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The pages for people who run Shardlift, by their paths in the repository. */
export const pages = ['README.md', ...globSync('docs/*.md', { cwd: ROOT }).toSorted()];

/** The text of a page. */
export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** The commands in the blocks of a text, one by one, each as it is typed in an installation. */
export function commandsIn(text: string): string[] {
  return blocksOf(text).flat();
}

/** The same, block by block. */
export function blocksOf(text: string): string[][] {
  return [...text.matchAll(/^```sh\n(.+?)^```$/gms)].map(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/\s+#\s.*$/, ''))
      .flatMap((line) => line.split(' && '))
      .map(inInstallation)
      .filter((line) => line !== ''),
  );
}

/** The commands that stand in a sentence, which may leave out what it is not about. */
export function commandsInSentences(text: string): string[] {
  return [...text.matchAll(/`((?:shardlift|temporal|npm run shardlift --) [^`\n]+)`/g)].map(
    ([, command = '']) => inInstallation(command),
  );
}

/** As a checkout has it, a command is longer. */
function inInstallation(command: string): string {
  return command.trim().replace(/^npm run shardlift -- /, 'shardlift ');
}

/** The words of a command, without what it does with its output. */
export function wordsOf(command: string): string[] {
  const words = [...command.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word);
  const end = words.indexOf('>');
  return words.slice(0, end < 0 ? undefined : end).map((word) => word.replace(/^(['"])(.*)\1$/s, '$2'));
}

/** The files that a text prints, by their names. */
export function filesIn(text: string): Record<string, string> {
  const printed = text.matchAll(/`([\w-]+\.json)`:?\n\n```json\n(.+?)```/gs);
  return Object.fromEntries([...printed].map(([, name = '', json = '']) => [name, json]));
}

/** JSON that a text prints without the name of a file: a part of an input. */
export function partsIn(text: string): string[] {
  const files = new Set(Object.values(filesIn(text)));
  return [...text.matchAll(/```json\n(.+?)```/gs)]
    .map(([, json = '']) => json)
    .filter((json) => !files.has(json));
}
