import { expect, test } from 'vitest';
import { membersOf } from '../../../src/core/digest/json-members.ts';

test.each([
  ['{}', []],
  ['{', []],
  [
    '{"a":1.50,"b":"x"}',
    [
      ['a', '1.50'],
      ['b', '"x"'],
    ],
  ],
  [
    '{"a":{"b":[1,{"c":"}"}]},"d":[]}',
    [
      ['a', '{"b":[1,{"c":"}"}]}'],
      ['d', '[]'],
    ],
  ],
  [
    '{"a\\"b":"c\\\\","":null}',
    [
      ['a"b', '"c\\\\"'],
      ['', 'null'],
    ],
  ],
  [
    '{"10":1,"a":1,"9":1,"a":2}',
    [
      ['10', '1'],
      ['a', '1'],
      ['9', '1'],
      ['a', '2'],
    ],
  ],
  // as a document is without its metadata
  [
    '{"a":1,"b":{"c":2},',
    [
      ['a', '1'],
      ['b', '{"c":2}'],
    ],
  ],
  [
    '{"a":[1,2],"b":"c,d:{","e":{"f":[{}]}',
    [
      ['a', '[1,2]'],
      ['b', '"c,d:{"'],
      ['e', '{"f":[{}]}'],
    ],
  ],
  // cut within a value, and within a name
  ['{"a":[1,2', [['a', '[1,2']]],
  [
    '{"a":1,"b":"c',
    [
      ['a', '1'],
      ['b', '"c'],
    ],
  ],
])('the members of %s', (json, members) => {
  expect(membersOf(json).map(({ name, value }) => [name, value])).toEqual(members);
});
