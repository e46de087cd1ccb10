/**
 * What Shardlift is compared with: a script as one would write it with RavenDB's client, that exports a database to a
 * file, or imports a file into another one, or both. Its last line holds its figures.
 * Arguments: URL of the server, file, `--from` a source, `--into` a target.
 */
import { parseArgs } from 'node:util';
import { DatabaseSmugglerExportOptions, DatabaseSmugglerImportOptions, DocumentStore } from 'ravendb';
import { peakRssMb } from './memory.ts';

const { values, positionals } = parseArgs({
  options: { from: { type: 'string' }, into: { type: 'string' } },
  allowPositionals: true,
});
const [url, file] = positionals;
if (!url || !file) throw new Error('arguments: <url> <file> [--from <source>] [--into <target>]');

const store = new DocumentStore(url, values.from ?? values.into ?? '');
store.initialize();

const start = performance.now();
if (values.from !== undefined) {
  const exporting = await store.smuggler.export(new DatabaseSmugglerExportOptions(), file);
  await exporting.waitForCompletion();
}
const exported = performance.now();
if (values.into !== undefined) {
  const smuggler = store.smuggler.forDatabase(values.into);
  const importing = await smuggler.import(new DatabaseSmugglerImportOptions(), file);
  await importing.waitForCompletion();
}
const end = performance.now();

store.dispose();
process.stdout.write(
  `${JSON.stringify({
    seconds: (end - start) / 1000,
    exportSeconds: (exported - start) / 1000,
    peakRssMb: await peakRssMb('self'),
  })}\n`,
);
