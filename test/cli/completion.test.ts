import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { suggest } from '../../src/cli/completion.ts';
import { createProgram } from '../../src/cli/program.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
// bash calls this for a function of the package bash-completion, which is not part of bash
const WORDS = `_get_comp_words_by_ref() { words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=\${words[cword]}; };`;

/** What a real bash would offer at Tab after these words, the last of which is incomplete. */
function offered(...words: string[]): string[] {
  const command = `shardlift() { "${process.execPath}" "${MAIN}" "$@"; };`;
  const typed = ['shardlift', ...words].map((word) => `'${word}'`).join(' ');
  const tab = `compopt() { :; }; COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; $(complete -p shardlift | sed 's/.*-F \\([^ ]*\\) .*/\\1/')`;
  const program = `${command} ${WORDS} source <(shardlift completion bash); ${tab}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  // a port on which nothing listens
  const env = { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8', env });
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

describe('completion in a real bash', () => {
  test.each([
    ['a command', ['mig'], ['migrate']],
    ['a request that is named like a word of shells', ['compl'], ['complete', 'completion']],
    ['a command of a command', ['schedule', 'tr'], ['trigger']],
    ['an option of a command two levels down', ['schedule', 'create', 'import', '--ev'], ['--every']],
    ['the choices of an option', ['migrate', '--method', ''], ['stream', 'dump', 'backup', 'replication']],
  ])('offers %s', (_what, words, expected) => {
    expect(offered(...words).map((line) => line.split(/\s/)[0])).toEqual(expected);
  });

  test('offers nothing that is hidden', () => {
    expect(offered('sug')).toEqual([]);
  });

  test('offers no workflow ids, and no error, when Temporal cannot be asked', () => {
    expect(offered('watch', '')).toEqual([]);
  });
});

describe('workflow ids', () => {
  /** What is offered, and how often Temporal was asked. */
  async function suggested(...words: string[]): Promise<{ offers: string[]; asked: number }> {
    const printed: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
    const listIds = vi.fn(async () => ['migrate-Shop', 'migrate-Orders', 'nightly']);
    await suggest(createProgram(), words, listIds).finally(() => log.mockRestore());
    const offers = printed.filter((line) => !line.startsWith(':')).map((line) => line.split('\t')[0] ?? '');
    return { offers, asked: listIds.mock.calls.length };
  }

  test.each([
    ['all of them', ['watch', ''], ['migrate-Shop', 'migrate-Orders', 'nightly']],
    ['those that begin so', ['approve', 'mig'], ['migrate-Shop', 'migrate-Orders']],
    ['after an option', ['report', '--json', 'n'], ['nightly']],
    ['to a command of a command', ['evidence', 'create', 'n'], ['nightly']],
  ])('are offered: %s', async (_what, words, offers) => {
    expect(await suggested(...words)).toEqual({ offers, asked: 1 });
  });

  test.each([
    ['a command', ['wat'], ['watch']],
    ['an option', ['watch', '--js'], ['--json']],
    ['an argument of another kind', ['schedule', 'pause', ''], []],
    ['a second argument', ['watch', 'nightly', ''], []],
  ])('are not asked for, or not offered, in place of %s', async (_what, words, offers) => {
    expect((await suggested(...words)).offers).toEqual(offers);
  });

  test('are asked for only where one may be typed', async () => {
    expect((await suggested('list', '')).asked).toBe(0);
    expect((await suggested('schedule', 'pause', '')).asked).toBe(0);
  });
});
