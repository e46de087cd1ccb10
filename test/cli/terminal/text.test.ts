import { describe, expect, test } from 'vitest';
import { labelled, table, wrap } from '../../../src/cli/terminal/text.ts';

describe('wrap', () => {
  test('breaks at spaces and leaves a long word whole', () => {
    expect(wrap('the cutover was rejected', 11)).toEqual(['the cutover', 'was', 'rejected']);
    expect(wrap('see https://raven.example/studio now', 10)).toEqual([
      'see',
      'https://raven.example/studio',
      'now',
    ]);
    expect(wrap('', 10)).toEqual([]);
  });
});

describe('labelled', () => {
  test('keeps the text in its column', () => {
    expect(labelled('Lag', 'twelve changes behind, looked at now', { width: 30, column: 6 })).toEqual([
      'Lag   twelve changes behind,',
      '      looked at now',
    ]);
  });
});

describe('table', () => {
  test('aligns numbers to the right and words to the left', () => {
    const rows = [
      ['Shard', 'Documents', 'Node'],
      ['0', '1,059', 'A'],
      ['10', '7', 'B'],
    ];
    expect(table(rows)).toEqual([
      'Shard   Documents   Node',
      '    0       1,059   A',
      '   10           7   B',
    ]);
  });
});
