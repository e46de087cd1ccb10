/** Changes of counters and time series. */
import type { Deed } from './changes.ts';
import { entries, moment } from './everything-numbers.ts';

/** Changes of counters and time series, by name. */
export const numberChanges: Record<string, Deed> = {
  'counters created and incremented': async (application, ids) => {
    for (const id of ids) await application.increment(id, { likes: -3, created: '9007199254740993' });
    await application.increment('counted/many', { 'counter with a rather long name, number 700': 1, new: 1 });
  },
  'counters deleted': async (application, ids) => {
    for (const id of ids) await application.deleteCounters(id, ['likes']);
    await application.deleteCounters('counted/many', ['counter with a rather long name, number 3']);
  },
  'counters deleted, all of a document': async (application, ids) => {
    for (const id of ids) await application.deleteCounters(id, ['likes', 'views']);
  },
  'counters deleted and created again': async (application, ids) => {
    for (const id of ids) {
      await application.deleteCounters(id, ['likes']);
      await application.increment(id, { likes: 99 });
    }
  },
  'counters deleted and created again, their names in another case': async (application, ids) => {
    for (const id of ids) {
      await application.deleteCounters(id, ['likes']);
      await application.increment(id, { LIKES: 7 });
    }
  },
  'time series appended and overwritten': async (application, ids) => {
    for (const id of ids) {
      await application.append(id, 'HeartRate', entries(10, moment(15)));
      await application.append(id, 'HeartRate', [{ at: moment(3), values: [0.1, 0.2], tag: 'overwritten' }]);
      await application.append(id, 'New Series Ünï', entries(3));
    }
    await application.append('measured/many', 'HeartRate', entries(500, moment(3800)));
  },
  'time series deleted in a range': async (application, ids) => {
    for (const id of ids) await application.deleteEntries(id, 'HeartRate', moment(5), moment(9));
    await application.deleteEntries('measured/many', 'HeartRate', moment(1000), moment(1999));
  },
  'time series deleted and appended again': async (application, ids) => {
    for (const id of ids) {
      await application.deleteEntries(id, 'HeartRate');
      await application.append(id, 'HeartRate', entries(3, moment(2)));
    }
  },
  'time series deleted as a whole': async (application, ids) => {
    for (const id of ids) await application.deleteEntries(id, 'HeartRate');
    await application.deleteEntries('measured/1', 'HeartRate');
  },
  'time series incremented': async (application, ids) => {
    for (const id of ids) {
      await application.incrementSeries(id, 'INC:Downloads', entries(6));
      await application.incrementSeries(id, 'INC:New', entries(2));
    }
  },
  'time series incremented after a deletion': async (application, ids) => {
    for (const id of ids) {
      await application.deleteEntries(id, 'INC:Downloads', moment(1), moment(2));
      await application.incrementSeries(id, 'INC:Downloads', entries(2));
    }
  },
};
