/** A database of every kind of item that a run builds once, for all tests that only read it. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { until } from '../servers/stack.ts';
import { createEverything } from './everything.ts';
import { FEW_VICTIMS } from './victims.ts';

/** Of a database that is made once, by whichever file wants it first. */
export const SHARED_NAME = 'everything';
/** How many documents `plain/0` ... it holds. */
export const SHARED_PLAIN = 1_200;

/** Its name on the server of all tests. Not for migrations: they put an index of theirs on their source for a while. */
export async function sharedEverything(raven: RavenConnection): Promise<string> {
  const [begun, built] = ['begun', 'built'].map((state) =>
    join(inject('directory'), `${SHARED_NAME}.${state}`),
  );
  if (!begun || !built) throw new Error('no directory');
  const isFirst = await writeFile(begun, '', { flag: 'wx' }).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    await createEverything(raven, SHARED_NAME, { plain: SHARED_PLAIN, victims: FEW_VICTIMS });
    await writeFile(built, '');
  }
  await until('another file has built it', async () => existsSync(built));
  return SHARED_NAME;
}
