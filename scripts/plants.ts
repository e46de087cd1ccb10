/** Mistakes that are planted into a copy of the code, to see that the tests find them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const plantSchema = z.strictObject({
  /** What goes wrong with it. */
  breaks: z.string().min(1),
  file: z.string().min(1),
  /** Stands once in the file. */
  find: z.string().min(1),
  replace: z.string(),
  /** The test files of which one must fail, those that `npm test` runs first. */
  tests: z.array(z.string().min(1)).min(1),
  /** Of them, only tests whose names hold this. */
  only: z.string().optional(),
});

/** One mistake. */
export type Plant = z.output<typeof plantSchema> & { name: string };

/** All mistakes, from test/plants/plants.yaml of a checkout. @throws what is wrong with the file */
export function readPlants(root: string): Plant[] {
  const text = readFileSync(join(root, 'test/plants/plants.yaml'), 'utf8');
  const plants = z.record(z.string().regex(/^[a-z0-9-]+$/), plantSchema).parse(parse(text));
  return Object.entries(plants).map(([name, plant]) => ({ name, ...plant }));
}

/** The text of the plant's file with the mistake in it. @throws where the plant no longer fits the code */
export function planted({ name, file, find, replace }: Plant, text: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(
      `The plant "${name}" no longer fits: ${file} holds ${parts.length - 1} times what it looks for. Correct it in test/plants/plants.yaml.`,
    );
  }
  if (find === replace) throw new Error(`The plant "${name}" changes nothing.`);
  return parts.join(replace);
}
