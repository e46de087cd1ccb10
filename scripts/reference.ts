/** `npm run reference`: writes docs/reference.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { referencePage } from './reference/page.ts';

const runbook = await readFile(new URL('../docs/runbook.md', import.meta.url), 'utf8');
await writeFile(new URL('../docs/reference.md', import.meta.url), referencePage(runbook));
