/** Changes of attachments. */

import type { Deed } from './changes.ts';
import { bytes } from './everything-attachments.ts';
import { collectionOf, victim } from './victims.ts';

/** Changes of attachments, by name. */
export const attachmentChanges: Record<string, Deed> = {
  'attachments added': async (application, ids) => {
    for (const id of ids) {
      await application.attach(id, 'added', `added to ${id}`);
      await application.attach(id, 'added and shared', 'added and shared');
      await application.attach(id, 'added and shared with others', bytes(1001, 1));
      await application.attach(id, 'added empty', '');
    }
  },
  'attachments deleted': async (application, ids) => {
    for (const id of ids) {
      await application.detach(id, 'own');
      await application.detach(id, 'Shared');
    }
    await application.detach('shared/0', 'a');
    await application.detach('attachments/large', 'large.bin');
  },
  'attachments deleted, all of a document': async (application, ids) => {
    for (const id of ids) for (const name of ['own', 'Shared', 'group']) await application.detach(id, name);
  },
  'attachments replaced': async (application, ids) => {
    for (const id of ids) {
      await application.attach(id, 'own', `replaced at ${id}`);
      await application.attach(id, 'Shared', 'replaced by what is shared');
      await application.attach(id, 'group', `shared by group 3`, 'text/html');
    }
  },
  'attachments deleted and put again': async (application, ids) => {
    for (const id of ids) {
      await application.detach(id, 'own');
      await application.attach(id, 'own', `own of ${id}`);
    }
  },
  'attachments renamed and moved': async (application, ids) => {
    const [from = '', , to = ''] = ids;
    // what an earlier time has moved would be in the way
    for (const id of ids) await application.detach(id, 'Renamed Ünï');
    await application.detach(to, 'moved');
    for (const id of ids) {
      await application.attach(id, 'own', `own of ${id}`);
      await application.moveAttachment(id, 'own', { id, name: 'Renamed Ünï' });
    }
    await application.attach(from, 'group', 'shared by group 2');
    await application.moveAttachment(from, 'group', { id: to, name: 'moved' });
  },
  'attachments changed, then their document': async (application, ids) => {
    for (const id of ids) {
      await application.detach(id, 'group');
      await application.attach(id, 'later', `later at ${id}`);
      await application.put(id, victim(20, 3, collectionOf(id)));
    }
  },
};
