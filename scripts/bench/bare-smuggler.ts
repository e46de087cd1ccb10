/**
 * What Shardlift is compared with: a script as one would write it with RavenDB's client, that exports a database to a
 * file and imports the file into another one. Its last line holds its figures.
 * Arguments: URL of the server, source, target, file.
 */
import { DatabaseSmugglerExportOptions, DatabaseSmugglerImportOptions, DocumentStore } from 'ravendb';
import { peakRssMb } from './memory.ts';

const [url, source, target, file] = process.argv.slice(2);
if (!url || !source || !target || !file) throw new Error('arguments: <url> <source> <target> <file>');

const store = new DocumentStore(url, source);
store.initialize();

const start = performance.now();
const exporting = await store.smuggler.export(new DatabaseSmugglerExportOptions(), file);
await exporting.waitForCompletion();
const exported = performance.now();
const importing = await store.smuggler.forDatabase(target).import(new DatabaseSmugglerImportOptions(), file);
await importing.waitForCompletion();
const end = performance.now();

store.dispose();
process.stdout.write(
  `${JSON.stringify({
    seconds: (end - start) / 1000,
    exportSeconds: (exported - start) / 1000,
    peakRssMb: await peakRssMb('self'),
  })}\n`,
);
