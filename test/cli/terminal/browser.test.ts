import { expect, test } from 'vitest';
import { hasScreen } from '../../../src/cli/terminal/browser.ts';

test.each<[string, Partial<Parameters<typeof hasScreen>[0]>, boolean]>([
  ['with X', { env: { DISPLAY: ':0' } }, true],
  ['with Wayland', { env: { WAYLAND_DISPLAY: 'wayland-0' } }, true],
  ['without a screen', { env: {} }, false],
  [
    'by SSH, with a screen of its own',
    { env: { DISPLAY: ':10', SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' } },
    false,
  ],
  ['of a CI', { env: { DISPLAY: ':0', CI: 'true' } }, false],
  ['whose output goes elsewhere', { env: { DISPLAY: ':0' }, isTTY: undefined }, false],
  ['of a Mac', { env: {}, platform: 'darwin' }, true],
])('a terminal %s', (_, surroundings, expected) => {
  expect(hasScreen({ isTTY: true, platform: 'linux', env: {}, ...surroundings })).toBe(expected);
});
