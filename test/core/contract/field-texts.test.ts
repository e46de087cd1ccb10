import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { inputs, payloads } from '../../../scripts/reference/schemas.ts';
import {
  handlerTexts,
  migrateDatabaseSchema,
  queries,
  requests,
} from '../../../src/core/contract/contract.ts';

interface Json {
  title?: string;
  description?: string;
  properties?: Record<string, Json>;
  required?: string[];
  anyOf?: Json[];
}

function jsonOf(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, { io: 'input' }) as Json;
}

/** Each field by its path, those inside another one after it. */
function fieldsIn(json: Json, path: string[] = []): [path: string, field: Json][] {
  const inside = [json, ...(json.anyOf ?? [])].flatMap(({ properties = {} }) => Object.entries(properties));
  return inside.flatMap(([name, field]): [string, Json][] => {
    const here = [...path, name];
    return [[here.join('.'), field], ...fieldsIn(field, here)];
  });
}

/** Whether somebody learns what a field is for: an object without a word of its own leaves that to its parts. */
function isExplained({ description, properties }: Json): boolean {
  return description === undefined ? properties !== undefined : /^[A-Z`].{4,}\.$/.test(description);
}

describe.each([...Object.entries(inputs), ...Object.entries(payloads)])(
  'somebody who fills in %s reads',
  (_name, schema) => {
    test('a sentence on each field', () => {
      const fields = fieldsIn(jsonOf(schema));
      expect(fields.length).toBeGreaterThan(1);
      expect(fields.filter(([, field]) => !isExplained(field)).map(([path]) => path)).toEqual([]);
    });
  },
);

test.each([
  ['a duration', 'quietFor', 'duration'],
  ['a time', 'backup.upTo', 'time'],
  ['a time of day', 'approval.window.from', 'time of day in UTC'],
  ['a time of day', 'approval.window.to', 'time of day in UTC'],
])('a text that stands for %s says so: %s', (_what, path, title) => {
  const field = new Map(fieldsIn(jsonOf(migrateDatabaseSchema))).get(path);
  const titles = [field, ...(field?.anyOf ?? [])].map((each) => each?.title);
  expect(titles).toContain(title);
});

test.each(Object.values(requests))('%s is told of with the fields that it takes', (request) => {
  const text = handlerTexts[request];
  expect(text).toMatch(/^[A-Z][a-z]+ /);
  const named = JSON.parse(`[${/\{(.+?)\}/.exec(text)?.[1]}]`);
  const { properties = {}, required = [] } = jsonOf(payloads[request]);
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(named));
  expect(named).toEqual(expect.arrayContaining(['by', 'note', ...required]));
});

test.each(Object.values(queries))('%s is told of as an answer', (query) => {
  expect(handlerTexts[query]).toMatch(/^(Phase|The report)\b/);
});
