import { expect, test } from 'vitest';
import { OWN_KEY_PREFIX, OWN_PREFIX, ownName } from '../../../src/core/contract/own-names.ts';

test.each([
  ['migrate-Shop-to-ShopSharded', 'Shardlift/Deletions/migrate-Shop-to-ShopSharded'],
  ['sync 2026-01-01T00:00:00Z', 'Shardlift/Deletions/sync_2026-01-01T00_00_00Z'],
  ['a/b\\c?d#e', 'Shardlift/Deletions/a_b_c_d_e'],
  ['v1.2_é', 'Shardlift/Deletions/v1.2__'],
])('what the run %s puts on a server has a name of its own, which a URL can hold', (workflowId, name) => {
  expect(ownName('Deletions', workflowId)).toBe(name);
  expect(name.startsWith(OWN_PREFIX)).toBe(true);
});

test('keys of compare exchange are told by a prefix in lower case, as RavenDB keeps them', () => {
  expect(OWN_KEY_PREFIX).toBe('shardlift/');
});
