/** What became of settings, and what remains to be done by hand. */
import { subjectOfLine } from '../core/run/not-carried.ts';
import type { RunReport } from '../core/run/report.ts';
import { type Html, list, section, table } from './markup.ts';

/** Each setting of the database record, those first with which there is something to do. */
export function settingsSection({ settings = [], notCarried }: RunReport): Html {
  const known = new Set(settings.map(({ setting }) => setting));
  const sorted = settings.toSorted(
    (one, other) => Number(other.outcome !== 'carried') - Number(one.outcome !== 'carried'),
  );
  return section(
    'Settings',
    table(
      'Settings of the database',
      ['Setting', 'Outcome', 'What to know or do'],
      sorted.map(({ setting, outcome, advice }) => [setting, outcome, advice]),
    ),
    list(
      'Not carried over',
      notCarried.filter((line) => !known.has(subjectOfLine(line))),
    ),
  );
}

/** What nobody but a person can do on a target that serves. */
export function leftToDoSection({ leftToDo = [] }: RunReport): Html {
  return section(
    'Left to do on the target',
    table(
      'Left to do',
      ['About', 'What to do'],
      leftToDo.map(({ about, text }) => [about, text]),
    ),
  );
}
