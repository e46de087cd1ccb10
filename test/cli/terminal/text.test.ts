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

  test('counts columns, not characters', () => {
    expect(wrap('データ ベース 移行', 6)).toEqual(['データ', 'ベース', '移行']);
    expect(wrap('🚀 moved', 8)).toEqual(['🚀 moved']);
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

describe('labelled with wide characters', () => {
  test('keeps the text in its column, and styles the label alone', () => {
    const styled = labelled('移行', 'one two three four five', {
      width: 26,
      column: 6,
      labelStyle: (text) => `<${text}>`,
    });
    expect(styled).toEqual(['<移行  >one two three four', '      five']);
  });
});

describe('table', () => {
  test('keeps columns even with wide characters', () => {
    const rows = [
      ['Name', 'Node'],
      ['移行', 'A'],
    ];
    expect(table(rows)).toEqual(['Name   Node', '移行   A']);
  });

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
