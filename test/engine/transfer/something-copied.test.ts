import { describe, expect, test } from 'vitest';
import { assertSomethingCopied } from '../../../src/engine/transfer/dump-to-shards.ts';

describe('something was copied', () => {
  test('where the source has something', () => {
    expect(() => assertSomethingCopied(3, 3)).not.toThrow();
  });

  test('or else the copy has failed for good', () => {
    expect(() => assertSomethingCopied(0, 3)).toThrow(
      expect.objectContaining({ kind: 'NothingCopied', retryable: false }),
    );
  });

  test('and need not be where the source has nothing', () => {
    expect(() => assertSomethingCopied(0, 0)).not.toThrow();
  });
});
