/** The JSON schema of `report.json`, from the types of the program. `npm run schema` writes it into docs. */
import { readFile, writeFile } from 'node:fs/promises';
import { type Definition, generateSchema, getProgramFromFiles } from 'typescript-json-schema';
import type { RunReport } from '../src/core/run/report.ts';

/** Where it is published. */
export const SCHEMA_FILE = 'docs/report.schema.json';

/** @public A type without parameters: no other can be the root of a schema. */
export type PublishedReport = RunReport;

/** The text of the file, as the types have it now. @throws Error when they cannot be read */
export async function reportSchema(): Promise<string> {
  const { compilerOptions } = JSON.parse(await readFile('tsconfig.json', 'utf8'));
  // by Node's way of resolving, types would be named by the paths of their files on this machine
  const options = { ...compilerOptions, module: 'esnext', moduleResolution: 'bundler' };
  const program = getProgramFromFiles([import.meta.filename], options, process.cwd());
  const schema = generateSchema(program, 'PublishedReport', {
    required: true,
    ignoreErrors: true,
    aliasRef: false,
  });
  if (!schema) throw new Error('The types of the report cannot be read.');
  return `${JSON.stringify({ title: 'Report of a Shardlift run', ...withValues(schema) }, null, 2)}\n`;
}

/** The generator forgets what a `Record` of any keys holds. */
function withValues(schema: Definition): Definition {
  for (const [name, definition] of Object.entries(schema.definitions ?? {})) {
    const held = /^(?:Partial<)?Record<string,(number|\w+<\w+>)>/.exec(name)?.[1];
    if (held && typeof definition === 'object')
      definition.additionalProperties =
        held === 'number' ? { type: 'number' } : { $ref: `#/definitions/${encodeURIComponent(held)}` };
  }
  return schema;
}

if (import.meta.main) await writeFile(SCHEMA_FILE, await reportSchema());
