import { describe, expect, test } from 'vitest';
import {
  indexedValueTypes,
  lackingSearchAttributes,
  registeringCommand,
  type SearchAttribute,
  searchAttributes,
  searchValuesOf,
} from '../../../src/core/run/search-attributes.ts';
import { progress } from '../../cli/fixtures.ts';

describe('what a run tells', () => {
  test('is what moves where, how, and where it stands', () => {
    const run = progress({
      source: { connection: 'prod', database: 'Shop' },
      target: { connection: 'cluster', database: 'ShopSharded' },
      method: 'dump',
      phase: 'copying',
    });
    expect(searchValuesOf(run, ['attempts of copyPiece', 'attempts of readPosition', 'way back'])).toEqual({
      ShardliftSource: 'prod/Shop',
      ShardliftTarget: 'cluster/ShopSharded',
      ShardliftMethod: 'dump',
      ShardliftPhase: 'copying',
      ShardliftAttention: ['attempts', 'way-back'],
    });
  });

  test('is no more than it knows', () => {
    const { source: _, target: __, method: ___, ...run } = progress({ phase: 'importing' });
    expect(searchValuesOf(run, [])).toEqual({ ShardliftPhase: 'importing' });
  });

  test('is no longer than a store of Temporal takes', () => {
    const source = { connection: 'c'.repeat(200), database: 'd'.repeat(200) };
    expect(searchValuesOf(progress({ source }), []).ShardliftSource).toHaveLength(255);
  });
});

describe('what a namespace lacks', () => {
  const all = Object.fromEntries(
    Object.entries(searchAttributes).map(([name, type]) => [name, indexedValueTypes[type]]),
  );

  test('is nothing where all are there, among others', () => {
    expect(lackingSearchAttributes({ ...all, Other: 1 })).toEqual([]);
  });

  test('is what is not there, or there by another type', () => {
    const { ShardliftSource: _, ...others } = all;
    const lacking: SearchAttribute[] = ['ShardliftSource', 'ShardliftAttention'];
    expect(lackingSearchAttributes({ ...others, ShardliftAttention: indexedValueTypes.Keyword })).toEqual(
      lacking,
    );
    expect(registeringCommand(lacking, 'my space')).toBe(
      "temporal operator search-attribute create --namespace 'my space' --name ShardliftSource --type Keyword " +
        '--name ShardliftAttention --type KeywordList',
    );
  });
});
