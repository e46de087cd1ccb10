/** Reading and deleting the revisions of documents. */
import type { RavenConnection } from './connection.ts';
import { databasePath } from './database.ts';
import { DumpScanner } from './dump-scanner.ts';

const PAGE = 1024;

/**
 * The revisions of a document, living or deleted, each as JSON byte for byte, the newest first. Those that only say
 * that the document was deleted are among them.
 * @throws RavenError
 */
export async function* revisionsOf(
  { http }: RavenConnection,
  database: string,
  id: string,
): AsyncGenerator<Buffer> {
  const doing = 'Reading revisions';
  for (let start = 0; ; start += PAGE) {
    const query = new URLSearchParams({ id, start: `${start}`, pageSize: `${PAGE}` });
    const answer = await http.open({ doing, database, path: databasePath(database, `revisions?${query}`) });
    const revisions: Buffer[] = [];
    const scanner = new DumpScanner({
      item: (list, json) => {
        if (list === 'Results') revisions.push(json);
      },
      blob: () => undefined,
    });
    let found = 0;
    try {
      for await (const chunk of answer) {
        scanner.push(chunk as Buffer);
        found += revisions.length;
        yield* revisions.splice(0);
      }
    } catch (error) {
      throw http.explain({ doing, database }, error);
    }
    if (found < PAGE) return;
  }
}
