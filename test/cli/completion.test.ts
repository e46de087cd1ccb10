import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
// bash calls this for a function of the package bash-completion, which is not part of bash
const WORDS = `_get_comp_words_by_ref() { words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=\${words[cword]}; };`;

/** What a real bash would offer at Tab after these words, the last of which is incomplete. */
function offered(...words: string[]): string[] {
  const command = `shardlift() { "${process.execPath}" "${MAIN}" "$@"; };`;
  const typed = ['shardlift', ...words].map((word) => `'${word}'`).join(' ');
  const tab = `compopt() { :; }; COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; $(complete -p shardlift | sed 's/.*-F \\([^ ]*\\) .*/\\1/')`;
  const program = `${command} ${WORDS} source <(shardlift completion bash); ${tab}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8' });
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
});
