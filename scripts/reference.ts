/** `npm run reference`: writes docs/reference.md, and the table of docs/sizing.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { referencePage } from './reference/page.ts';
import { withSizing } from './reference/sizing.ts';

const page = (name: string) => new URL(`../docs/${name}`, import.meta.url);
const read = (name: string) => readFile(page(name), 'utf8');

await writeFile(page('reference.md'), referencePage(await read('runbook.md')));
await writeFile(page('sizing.md'), withSizing(await read('sizing.md'), await read('benchmarks.md')));
