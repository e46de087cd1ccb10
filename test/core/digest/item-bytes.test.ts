import { describe, expect, test } from 'vitest';
import {
  endOfString,
  etagOf,
  exactNumbers,
  splitMetadata,
  stringAfter,
} from '../../../src/core/digest/item-bytes.ts';

const ID = Buffer.from('"@id":"');

describe('the string after a name', () => {
  const textOf = (text: string) => {
    const json = Buffer.from(text);
    return stringAfter(json, json.indexOf(ID), ID);
  };

  test('ends with its quote, and has its escapes read', () => {
    expect(textOf('{"@id":"orders/1","a":"b"}')).toBe('orders/1');
    expect(textOf('{"@id":"a\\"b\\\\","c":1}')).toBe('a"b\\');
    expect(textOf('{"@id":"\\u00e9é"}')).toBe('éé');
  });

  test('is empty where there is no such name', () => {
    expect(textOf('{"a":"b"}')).toBe('');
    expect(stringAfter(Buffer.from('"@id":"x"'), 0, ID)).toBe('x');
  });

  test('ends at the end of what is there at the latest', () => {
    expect(endOfString(Buffer.from('abc"'), 0)).toBe(3);
    expect(endOfString(Buffer.from('a\\"c"'), 0)).toBe(4);
    expect(endOfString(Buffer.from('abc'), 1)).toBe(3);
  });
});

describe('the metadata of a document', () => {
  const split = (text: string) => {
    const found = splitMetadata(Buffer.from(text), (json) => JSON.parse(json) as object);
    return found && { body: found.body.toString(), metadata: found.metadata };
  };

  test('is the outermost, also where objects in it have a property of that name', () => {
    expect(split('{"a":1,"@metadata":{"@id":"x"}}')).toEqual({ body: '{"a":1,', metadata: { '@id': 'x' } });
    const inner = '"@metadata":{"b":{"@metadata":{"c":1}}}';
    expect(split(`{"a":1,${inner}}`)).toEqual({
      body: '{"a":1,',
      metadata: { b: { '@metadata': { c: 1 } } },
    });
  });

  test('may be all that there is, or nothing', () => {
    expect(split('"@metadata":{"c":1}}')).toEqual({ body: '', metadata: { c: 1 } });
    expect(split('{"a":1}')).toBeUndefined();
    expect(split('"@metadata":{"c":1},"d":{}}')).toBeUndefined();
  });
});

describe('the etag of the last write in one storage', () => {
  test.each([
    ['A:123-x', 123],
    ['B:7-y, A:123-x', 123],
    ['A:123-x, B:7-y', 123],
    ['B:7-y', 0],
    ['', 0],
  ])('of %j is %d', (changeVector, etag) => {
    expect(etagOf(changeVector, 'x')).toBe(etag);
  });
});

test('numbers are kept as they are written', () => {
  expect(JSON.parse('{"a":1.50,"b":"1"}', exactNumbers)).toEqual({ a: '1.50', b: '1' });
  expect(exactNumbers('a', 1)).toBeUndefined();
});
