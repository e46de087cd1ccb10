import { describe, expect, test } from 'vitest';
import type { Verification } from '../../../src/core/compare/verification.ts';
import { lackingForCutover } from '../../../src/core/run/readiness.ts';
import { progress } from '../../cli/fixtures.ts';

describe('what a cutover lacks', () => {
  const equal = { mismatches: 0, differences: [], lagging: 0, laggards: [] } as unknown as Verification;
  const different = {
    ...equal,
    mismatches: 1,
    digest: 'abc',
    differences: [{ kind: 'document', id: 'items/7', what: 'is missing on the target' }],
  } as unknown as Verification;
  const documents = { source: 3, target: 3 };

  test('is nothing when all is equal', () => {
    expect(lackingForCutover(progress({ verification: { ...equal, documents } }))).toEqual([]);
  });

  test('is a comparison, an end of a pause, an end of what differs, and what runs on the source', () => {
    const lacking = lackingForCutover(
      progress({ paused: true, verification: null, hindrances: ['It is at work.'] }),
    );
    expect(lacking).toEqual(['The migration is paused.', 'Nothing has been compared yet.', 'It is at work.']);
    const differing = progress({ verification: { ...different, documents } });
    expect(lackingForCutover(differing)).toEqual([
      expect.stringMatching(/^The last comparison found 1 difference/),
    ]);
    const approval = { by: 'ann', note: '', at: '', acceptDifferences: 'abc' };
    expect(lackingForCutover({ ...differing, approval })).toEqual([]);
  });
});
