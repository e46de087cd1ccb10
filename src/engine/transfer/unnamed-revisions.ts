/**
 * Deletions of revisions as RavenDB wrote them before 6.0: by change vector, without the document. A sharded database finds
 * the shard by the document, so that it has to be named first.
 */

import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import {
  isRevisionTombstone,
  keyOf,
  tombstoneOwner,
  withTombstoneOwner,
} from '../../ravendb/dump/dump-items.ts';
import { databaseRecord, storageHandles } from '../../ravendb/requests/databases.ts';
import { ownersOfRevisions } from '../../ravendb/requests/revisions.ts';
import { buildVersion } from '../../ravendb/requests/server.ts';

/** Change vectors travel in the address of a request. */
const BATCH = 50;

/** Takes such tombstones out of a dump, and gives them back as a dump of their own. */
export class UnnamedRevisions {
  readonly #tombstones: Buffer[] = [];

  /** Keeps a tombstone of a revision that names no document. @returns whether it is one */
  take(json: Buffer): boolean {
    if (!isRevisionTombstone(json) || tombstoneOwner(json) !== undefined) return false;
    this.#tombstones.push(json);
    return true;
  }

  /** A dump of those whose revision the target still has, with their documents. @throws RavenError */
  async *named(target: Database): AsyncGenerator<Buffer> {
    const storages = storageHandles(target, (await databaseRecord(target)) ?? {});
    yield Buffer.from(`{"BuildVersion":${await buildVersion(target.connection)},"Tombstones":[`);
    let first = true;
    for (let start = 0; start < this.#tombstones.length; start += BATCH) {
      const some = this.#tombstones.slice(start, start + BATCH);
      const found = await askEach(target.http.tuning, storages, ({ storage }) =>
        ownersOfRevisions(storage, some.map(keyOf)),
      );
      const owners = new Map(found.flatMap((each) => [...each]));
      for (const json of some) {
        const owner = owners.get(keyOf(json));
        if (owner === undefined) continue;
        yield Buffer.concat([Buffer.from(first ? '' : ','), withTombstoneOwner(json, owner)]);
        first = false;
      }
    }
    yield Buffer.from(']}');
  }

  get isEmpty(): boolean {
    return this.#tombstones.length === 0;
  }
}
