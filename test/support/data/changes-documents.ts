/** Changes of documents and revisions. */
import type { Deed } from './changes.ts';
import { collectionOf, victim } from './victims.ts';

/** Changes of documents and revisions, by name. */
export const documentChanges: Record<string, Deed> = {
  'documents new and changed': async (application, ids) => {
    for (const id of ids) await application.put(id, victim(1, 3, collectionOf(id)));
    await application.put('new/Ünï 😀$anchor', '{"Big":9007199254740993,"a":1.50}');
    await application.put('odd/numbers', '{"zeros":1.500,"@metadata":{"@collection":"Odd"}}');
    await application.put(
      'odd/large',
      `{"text":"${'y'.repeat(1_000_000)}","@metadata":{"@collection":"Odd"}}`,
    );
  },
  'documents with other metadata': async (application, ids) => {
    for (const id of ids) {
      const metadata = `"@collection":"${collectionOf(id)}","@expires":"2199-01-02T03:04:05.6789012Z","Owner":"Bob"`;
      await application.put(id, `{"n":1,"@metadata":{${metadata}}}`);
    }
    await application.put('odd/expires', '{"a":2,"@metadata":{"@collection":"Odd"}}');
  },
  'documents deleted': async (application, ids) => {
    for (const id of ids) await application.delete(id);
    for (const id of ['odd/expired', 'shared/1', 'eu/1', 'anchor$orders/1-A', 'non-bmp/😀/𝒳/👩‍👩‍👧']) {
      await application.delete(id);
    }
  },
  'documents deleted and re-created': async (application, ids) => {
    for (const id of ids) {
      await application.delete(id);
      await application.put(id, victim(2, 1, collectionOf(id)));
    }
  },
  'documents deleted and re-created with other counters': async (application, ids) => {
    for (const id of ids) {
      await application.delete(id);
      await application.put(id, victim(3, 1, collectionOf(id)));
      await application.increment(id, { views: 7 });
      await application.append(id, 'HeartRate', [{ at: '2024-02-01T00:00:00.000Z', values: [1] }]);
    }
  },
  'documents deleted and re-created in other case': async (application, ids) => {
    for (const id of ids) {
      await application.delete(id);
      await application.put(id.toUpperCase(), victim(4, 1, collectionOf(id)));
    }
  },
  'documents moved to another collection': async (application, ids) => {
    for (const id of ids) {
      await application.delete(id);
      await application.put(id, victim(5, 1, 'Moved'));
    }
  },
  'documents moved with their attachments': async (application, ids) => {
    for (const id of ids) {
      await application.delete(id);
      await application.put(id, victim(6, 1, 'Moved'));
      await application.attach(id, 'group', 'shared by group 1');
      await application.attach(id, 'own', `own of ${id}`);
      await application.attach(id, 'new', `new of ${id}`);
    }
  },
  'documents moved there and back': async (application, ids) => {
    for (const id of ids) {
      await application.delete(id);
      await application.put(id, victim(8, 1, 'Moved'));
      await application.delete(id);
      await application.put(id, victim(8, 2, collectionOf(id)));
    }
  },
  'documents created, deleted and re-created in another collection': async (application, ids) => {
    for (const id of ids) {
      const created = `window/${id}`;
      await application.delete(created);
      await application.put(created, victim(9, 1, collectionOf(id)));
      await application.attach(created, 'group', 'shared by group 1');
      await application.delete(created);
      await application.put(created, victim(9, 2, 'Moved'));
      await application.attach(created, 'group', 'shared by group 2');
    }
  },
  'documents created and deleted': async (application, ids) => {
    for (const id of ids) {
      await application.put(`short/${id}`, victim(10, 1, collectionOf(id)));
      await application.delete(`short/${id}`);
    }
  },
  'documents of cluster-wide transactions changed': async (application, ids) => {
    const Commands = ids.map((id) => ({
      Type: 'PUT',
      Id: id,
      Document: JSON.parse(victim(11, 3, collectionOf(id))) as unknown,
    }));
    const body = { Commands, TransactionMode: 'ClusterWide' };
    await application.send('POST', 'bulk_docs', JSON.stringify(body));
    await application.delete(ids[0] ?? '');
  },
  'revisions created': async (application, ids) => {
    for (const version of [3, 4, 5]) {
      for (const id of ids) await application.put(id, victim(12, version, collectionOf(id)));
    }
    await application.forceRevision('forced/1');
    await application.put('forced/1', '{"a":3.50,"@metadata":{"@collection":"Forced"}}');
    await application.put('few/1', '{"Version":9,"@metadata":{"@collection":"Few"}}');
  },
  'revisions deleted': async (application, ids) => {
    await application.deleteRevisions(...ids, 'kept/1');
  },
  'revisions of deleted documents deleted': async (application, ids) => {
    for (const id of ids) await application.delete(id);
    await application.deleteRevisions(...ids, 'kept/Deleted Ünï 😀');
  },
  'documents with revisions deleted, and with them their attachments': async (application, ids) => {
    for (const id of ids) {
      await application.put(id, victim(13, 3, collectionOf(id)));
      await application.delete(id);
    }
  },
};
