import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { afterEach, expect, test, vi } from 'vitest';
import { paletteFor } from '../../../src/cli/terminal/palette.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** What Node asks before the kind of the terminal. */
const SAY_SOMETHING = [
  'FORCE_COLOR',
  'NO_COLOR',
  'NODE_DISABLE_COLORS',
  'CI',
  'TEAMCITY_VERSION',
  'TF_BUILD',
  'TMUX',
];

/** Red text for a stream, in an environment that says nothing else of colours. */
function red(stream: { isTTY: boolean }, env: { NO_COLOR?: string } = {}): string {
  for (const name of SAY_SOMETHING) vi.stubEnv(name, undefined);
  vi.stubEnv('TERM', 'xterm');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { getColorDepth } = WriteStream.prototype;
  const terminal = Object.assign(new PassThrough(), { getColorDepth }, stream);
  return paletteFor(terminal as unknown as NodeJS.WriteStream).red('no');
}

test('there are colours in a terminal alone, and none where nobody wants them', () => {
  expect(red({ isTTY: true })).toBe('\u001b[31mno\u001b[39m');
  expect(red({ isTTY: false })).toBe('no');
  expect(red({ isTTY: true }, { NO_COLOR: '1' })).toBe('no');
});
