/** Applications that write while a migration runs. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { Application } from './application.ts';
import { bytes } from './everything-attachments.ts';
import { entries, moment } from './everything-numbers.ts';
import { collectionOf, VICTIMS, victim, victims } from './victims.ts';

/** Writers that run until they are stopped. */
export interface Writers {
  /** Lets each end what it is at. */
  stop(): Promise<Written>;
}

/** What writers did. */
interface Written {
  operations: number;
  /** What RavenDB refused; none is expected, for no two writers touch the same document. */
  errors: string[];
}

interface Writer {
  application: Application;
  /** Under which its own documents and keys begin, those of no other run. */
  prefix: string;
  ids: string[];
  random: (below: number) => number;
  /** A number that no operation of this writer had before. */
  next: () => number;
}

type Operation = (writer: Writer, id: string) => Promise<void>;

const OPERATIONS: Operation[] = [
  ({ application, next }, id) => application.put(id, victim(next(), 1, collectionOf(id))),
  async ({ application, next }, id) => {
    await application.delete(id);
    await application.put(id, victim(next(), 2, collectionOf(id)));
  },
  async ({ application, next, random }, id) => {
    await application.delete(id);
    await application.put(id, victim(next(), 3, random(2) === 0 ? 'Moved' : 'Elsewhere'));
    await application.attach(id, 'group', `shared by group ${random(6)}`);
    await application.delete(id);
    await application.put(id, victim(next(), 4, collectionOf(id)));
  },
  ({ application, random }, id) => application.attach(id, 'Shared', bytes(1000 + random(3), 2)),
  ({ application, next }, id) => application.attach(id, 'own', `own ${next()} of ${id}`),
  ({ application, random }, id) =>
    application.attach(id, `group ${random(2)}`, `shared by group ${random(6)}`),
  ({ application, random }, id) => application.detach(id, ['Shared', 'own', 'group'][random(3)] ?? 'own'),
  ({ application, random }, id) =>
    application.increment(id, { likes: random(100) - 50, [`c${random(5)}`]: 1 }),
  async ({ application, random }, id) => {
    const counter = `c${random(5)}`;
    // where they are deleted in several collections, RavenDB's own cleaning of tombstones breaks its counters
    if (collectionOf(id) === 'Victims') await application.deleteCounters(id, ['likes', counter]);
  },
  ({ application, random }, id) => application.append(id, 'HeartRate', entries(3, moment(random(60)))),
  ({ application, random }, id) => application.incrementSeries(id, 'INC:Downloads', entries(1 + random(5))),
  async ({ application, random }, id) => {
    const from = random(40);
    await application.deleteEntries(id, 'HeartRate', moment(from), moment(from + random(10)));
  },
  async ({ application, prefix, next, random }) => {
    const id = `${prefix}/${next()}`;
    await application.put(id, victim(next(), 1, 'Written'));
    if (random(2) === 0) await application.attach(id, 'group', `shared by group ${random(6)}`);
    if (random(3) === 0) await application.delete(id);
    else if (random(2) === 0) {
      await application.delete(id);
      await application.put(id, victim(next(), 2, 'Moved'));
    }
  },
  ({ application, prefix, next, random }) =>
    application.putCompareExchange(`${prefix}/${random(5)}`, `${next()}.50`),
  ({ application, prefix, random }) => application.deleteCompareExchange(`${prefix}/${random(5)}`),
  ({ application }) => application.nextIdentity('written|'),
  ({ application }, id) => application.deleteRevisions(id),
  async ({ application, prefix, next }, id) => {
    const document = JSON.parse(victim(next(), 5, collectionOf(id))) as unknown;
    const note = { n: next(), '@metadata': { '@collection': 'Written' } };
    const Commands = [
      { Type: 'PUT', Id: id, Document: document },
      { Type: 'PUT', Id: `${prefix}/with-${id}`, Document: note },
    ];
    await application.send('POST', 'bulk_docs', JSON.stringify({ Commands }));
  },
];

/**
 * Starts writers that do random mixes of what applications do, to the victims of `createEverything` and to documents
 * of their own.
 * @param options.writers how many, 4 unless told
 * @param options.perSecond how many operations each does in a second at most, 25 unless told
 * @param options.seed another one gives another mix
 */
export function startWriters(
  raven: RavenConnection,
  database: string,
  { writers = 4, perSecond = 25, seed = 1 }: { writers?: number; perSecond?: number; seed?: number } = {},
): Writers {
  const written: Written = { operations: 0, errors: [] };
  const run = randomUUID().slice(0, 8);
  const stopping = new AbortController();
  const running = Array.from({ length: writers }, async (_, number) => {
    const own = Array.from({ length: VICTIMS }, (_, n) => n).filter((n) => n % writers === number);
    let count = 0;
    const writer: Writer = {
      application: new Application(raven, database),
      prefix: `written/${run}-${number}`,
      ids: own.flatMap(victims),
      random: randomNumbers(seed * 1000 + number),
      next: () => count++,
    };
    for (const id of writer.ids) {
      await ensure(writer, id).catch((error) => written.errors.push(`${id}: ${error}`));
    }
    while (!stopping.signal.aborted) {
      const startedAt = Date.now();
      const operation = OPERATIONS[writer.random(OPERATIONS.length)] as Operation;
      const id = writer.ids[writer.random(writer.ids.length)] as string;
      await operation(writer, id).catch((error) => written.errors.push(`${id}: ${error}`));
      written.operations++;
      await sleep(Math.max(0, 1000 / perSecond - (Date.now() - startedAt)));
    }
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
      return written;
    },
  };
}

/** All victims of a writer are there and in their collections, whatever happened to them before. */
async function ensure({ application }: Writer, id: string): Promise<void> {
  const json = victim(0, 0, collectionOf(id));
  try {
    await application.put(id, json);
  } catch (error) {
    if (!(error instanceof RavenError && error.kind === 'DocumentCollectionMismatchException')) throw error;
    await application.delete(id);
    await application.put(id, json);
  }
}

/** Numbers that look random and are the same for the same seed (a linear congruential generator). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
