/** Damage for a target that was copied from `createEverything` with twenty plain documents. */
import type { Application } from './application.ts';
import { putIntoConflict, replaceRevisions } from './damage.ts';
import { moment } from './everything-numbers.ts';
import { collectionOf, victim } from './victims.ts';

/** One damage. */
export interface Plant {
  id: string;
  plant: (target: Application) => Promise<void>;
  /** Every difference that this makes; a time is any time. */
  found: string[];
}

const at = (second: number) => moment(second).replace('Z', '0000Z');
/** The times of revisions are those of the test. */
export const untimed = (kind: string, what: string) =>
  kind === 'revision' ? what.replace(/20[\d:.TZ-]+$/, '<time>') : what;

/** Each kind of damage, each to a document of its own. */
export const PLANTS: Plant[] = [
  {
    id: 'plain/1',
    plant: (target) => target.delete('plain/1'),
    found: ['document: is missing on the target'],
  },
  {
    id: 'extra/1',
    plant: (target) => target.put('extra/1', '{}'),
    found: ['document: is on the target only'],
  },
  {
    id: 'plain/2',
    plant: (target) => target.put('plain/2', plain(2, '"Number":2,"Price":2.5')),
    found: ['document: differs in "Price"'],
  },
  {
    id: 'plain/3',
    plant: (target) => target.put('plain/3', plain(3, '"Price":3.50,"Number":3')),
    found: ['document: has its properties in another order'],
  },
  {
    id: 'plain/4',
    plant: async (target) => {
      await target.delete('plain/4');
      await target.put('PLAIN/4', plain(4));
    },
    found: ['document: has its id in another case on the target: "PLAIN/4"'],
  },
  {
    id: 'plain/5',
    plant: (target) =>
      target.put('plain/5', plain(5).replace('"Plain"', '"Plain","@expires":"2199-01-02T03:04:05.0000000Z"')),
    found: ['document: differs in the metadata "@expires"'],
  },
  {
    id: 'plain/6',
    plant: async (target) => {
      await target.delete('plain/6');
      await target.put('plain/6', plain(6).replace('"Plain"', '"Other","Owner":1.50'));
    },
    found: ['document: differs in the metadata "@collection", "Owner"'],
  },
  {
    id: 'plain/7',
    plant: (target) => target.put('plain/7', '{"@metadata":{"@collection":"Plain"},"a":1}'),
    found: ['document: differs in "Number", "Price", "Text" and 1 more'],
  },
  {
    id: 'plain/8',
    plant: ({ raven, database }) => putIntoConflict(raven, database, 'plain/8'),
    found: ['document: is in conflict on the target'],
  },
  {
    id: 'loose/1',
    plant: (target) => target.attach('loose/1', 'own', 'own of loose/X'),
    found: ['attachment: attachment "own" has other bytes on the target'],
  },
  {
    id: 'loose/2',
    plant: (target) => target.detach('loose/2', 'Shared'),
    found: ['attachment: attachment "Shared" is missing on the target'],
  },
  {
    id: 'loose/3',
    plant: (target) => target.attach('loose/3', 'own', 'own of loose/3', 'text/html'),
    found: ['attachment: attachment "own" has another content type on the target'],
  },
  {
    id: 'loose/4',
    plant: (target) => target.attach('loose/4', 'extra', ''),
    found: ['attachment: attachment "extra" is on the target only'],
  },
  {
    id: 'loose/5',
    plant: (target) => target.increment('loose/5', { likes: 1 }),
    found: ['counter: counter "likes" is 6 on the source, 7 on the target'],
  },
  {
    id: 'counted/large',
    plant: (target) => target.increment('counted/large', { odd: -1 }),
    found: ['counter: counter "odd" is 9007199254740993 on the source, 9007199254740992 on the target'],
  },
  {
    id: 'loose/6',
    plant: (target) => target.deleteCounters('loose/6', ['likes']),
    found: ['counter: counter "likes" is 7 on the source, missing on the target'],
  },
  {
    id: 'plain/9',
    plant: (target) => target.increment('plain/9', { likes: 0 }),
    found: ['counter: counter "likes" is on the target only, as 0'],
  },
  {
    id: 'loose/7',
    plant: (target) =>
      target.append('loose/7', 'HeartRate', [{ at: moment(0), values: [60, 0], tag: 'watches/9' }]),
    found: [`time series: time series "HeartRate" differs in the entry of ${at(0)} (another value or tag)`],
  },
  {
    id: 'loose/8',
    plant: (target) =>
      target.append('loose/8', 'HeartRate', [
        { at: moment(3), values: [1] },
        { at: moment(5), values: [1] },
      ]),
    found: [
      `time series: time series "HeartRate" differs in 2 entries, the first of ${at(3)} (another value or tag)`,
    ],
  },
  {
    id: 'loose/9',
    plant: (target) => target.deleteEntries('loose/9', 'HeartRate', moment(19), moment(19)),
    found: [`time series: time series "HeartRate" differs in the entry of ${at(19)} (missing on the target)`],
  },
  {
    id: 'loose/10',
    plant: (target) => target.deleteEntries('loose/10', 'HeartRate'),
    found: ['time series: time series "HeartRate" of 20 entries is missing on the target'],
  },
  {
    id: 'loose/11',
    plant: (target) => target.append('loose/11', 'heart', [{ at: moment(0), values: [1] }]),
    found: ['time series: time series "heart" of 1 entries is on the target only'],
  },
  {
    id: 'loose/12',
    plant: (target) => target.incrementSeries('loose/12', 'INC:Downloads', [{ at: moment(0), values: [1] }]),
    found: [
      `time series: time series "INC:Downloads" differs in the entry of ${at(0)} (another value or tag)`,
    ],
  },
  {
    id: 'measured/many',
    plant: (target) => target.append('measured/many', 'HeartRate', [{ at: moment(4000), values: [1] }]),
    found: [`time series: time series "HeartRate" differs in the entry of ${at(4000)} (on the target only)`],
  },
  {
    id: 'kept/3',
    plant: (target) => target.deleteRevisions('kept/3'),
    found: ['revision: revisions: 4 of 4 are missing on the target, the newest of <time>'],
  },
  {
    id: 'kept/Deleted Ünï 😀',
    plant: (target) => target.deleteRevisions('kept/Deleted Ünï 😀'),
    found: ['revision: revisions: 4 of 4 are missing on the target, the newest of <time>'],
  },
  {
    id: 'Victims/1',
    plant: async (target) => {
      await target.put('Victims/1', victim(1, 3, collectionOf('Victims/1')));
      await target.forceRevision('Victims/1');
    },
    found: [
      'document: differs in "Version"',
      'revision: revisions: 1 of 7 are on the target only, the newest of <time>',
    ],
  },
  {
    id: 'kept/1',
    plant: ({ raven, database }) =>
      replaceRevisions(raven, database, 'kept/1', ([newest = '', ...older]) => [
        newest.replace('"n":1.50', '"n":1.5'),
        ...older,
      ]),
    found: ['revision: revisions: 1 of 3 differ, the newest of <time>'],
  },
  {
    id: 'kept/5',
    plant: ({ raven, database }) =>
      replaceRevisions(raven, database, 'kept/5', ([newest = '', ...older]) => [
        newest.replace('"likes":5', '"likes":6'),
        ...older,
      ]),
    found: ['revision: revisions: 1 of 5 differ, the newest of <time>'],
  },
  {
    id: 'kept/13',
    plant: ({ raven, database }) =>
      replaceRevisions(raven, database, 'kept/13', (revisions) => revisions.toReversed()),
    found: ['revision: revisions: are in another order on the target'],
  },
];

/** A plain document. */
export function plain(n: number, numbers = `"Number":${n},"Price":${n}.50`): string {
  return `{${numbers},"Text":"${'x'.repeat(300)}","@metadata":{"@collection":"Plain"}}`;
}
