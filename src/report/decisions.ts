/** Who decided what, and how the rehearsals went. */
import { describeRehearsal } from '../core/cutover/rehearsal.ts';
import { describeApproval } from '../core/run/page.ts';
import type { Signed } from '../core/run/progress.ts';
import type { RunReport } from '../core/run/report.ts';
import { type Cell, type Html, moment, section, table } from './markup.ts';

/** A row for each decision, in the order of the runbook. */
export function decisionsSection(report: RunReport): Html {
  const { approval, approvals = [], rejection, completion, rollBack, rehearsals = [] } = report;
  const given = approvals.length > 0 ? approvals : approval ? [approval] : [];
  const rows: Cell[][] = [
    ...rehearsals.map((rehearsal) => [
      moment(rehearsal.at),
      'rehearsal',
      rehearsal.by,
      describeRehearsal(rehearsal),
    ]),
    ...given.map((each) => [moment(each.at), 'approval of the cutover', each.by, detailsOf(each)]),
    ...one('rejection', rejection),
    ...one('roll-back', rollBack),
    ...one('end of the way back', completion),
  ];
  return section('Decisions', table('Decisions of people', ['When', 'What', 'By', 'Said'], rows));
}

function one(what: string, decision: Signed | null | undefined): Cell[][] {
  return decision ? [[moment(decision.at), what, decision.by, decision.note]] : [];
}

/** All but who and when. */
function detailsOf(approval: Signed): string {
  return describeApproval(approval)
    .replace(`by ${approval.by}`, '')
    .replace(/^[,:] /, '');
}
