import { expect, test } from 'vitest';
import { objectsIn, textIn, textsIn } from '../../../src/core/digest/metadata-values.ts';

test('what RavenDB would not write is read as absent', () => {
  expect(textIn('a')).toBe('a');
  expect(textIn(1)).toBe('');
  expect(textsIn(['a', 1, null, 'b'])).toEqual(['a', 'b']);
  expect(textsIn('a')).toEqual([]);
  expect(objectsIn([{ a: 1 }, null, 'b', 2])).toEqual([{ a: 1 }]);
  expect(objectsIn({ a: 1 })).toEqual([]);
});
