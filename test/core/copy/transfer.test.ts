import { expect, test } from 'vitest';
import { deletesOnTarget } from '../../../src/core/copy/transfer.ts';

test('nothing is deleted on a target that RavenDB itself replicates to', () => {
  expect(deletesOnTarget({ method: 'stream' })).toBe(true);
  expect(deletesOnTarget({ method: 'backup' })).toBe(true);
  expect(deletesOnTarget({ method: 'replication' })).toBe(false);
});
