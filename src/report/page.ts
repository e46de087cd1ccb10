/** The report of a run as one HTML page, which needs nothing else: no script, no font, no network. */
import { html } from 'ghtml';
import { isFinal } from '../core/contract/phases.ts';
import type { RunReport } from '../core/run/report.ts';
import { nounOf } from '../core/run/run-types.ts';
import { capitalized, formatSeconds } from '../core/text/format.ts';
import { comparisonSection, refusedSection } from './comparison.ts';
import { decisionsSection } from './decisions.ts';
import { details, facts, type Html, list, section } from './markup.ts';
import { outageSection } from './outage.ts';
import { outcomeOf, resultFacts } from './outcome.ts';
import { overTimeSection } from './over-time.ts';
import { planSection } from './plan.ts';
import { leftToDoSection, settingsSection } from './settings.ts';
import { shardsSection } from './shards.ts';
import { STYLE } from './style.ts';
import { utc } from './text.ts';
import { timelineSection } from './timeline.ts';

/** The whole page. Every text of the report is escaped. */
export function reportPage(report: RunReport): Html {
  const { title, workflowId } = report;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${capitalized(outcomeOf(report).word)}: ${title}</title>
<style>!${STYLE}</style>
</head>
<body>
<header>!${head(report)}</header>
<main>
!${[
    section('Result', resultFacts(report)),
    leftToDoSection(report),
    planSection(report),
    timelineSection(report),
    outageSection(report),
    overTimeSection(report),
    shardsSection(report),
    comparisonSection(report),
    refusedSection(report),
    decisionsSection(report),
    settingsSection(report),
    checksSection(report),
    rawSection(report),
  ].join('\n')}
</main>
<footer>Shardlift, workflow ${workflowId}, run ${report.runId}. The same as data: report.json beside this file.</footer>
</body>
</html>
`;
}

function head(report: RunReport): Html {
  const { title, workflowId, workflowType, startedAt, endedAt, failure, attention } = report;
  const { word, kind } = outcomeOf(report);
  const took = endedAt === null ? undefined : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const open = attention !== null && attention !== failure ? attention : undefined;
  return html`<h1>${title}</h1>
<p><span class="outcome ${kind}">${capitalized(word)}</span></p>
!${box('bad', failure)}
!${box('open', open)}
!${facts([
    ['Kind', `${nounOf[workflowType]} (${workflowType})`],
    ['Workflow', workflowId],
    ['Began', utc(startedAt)],
    [isFinal(report.phase) ? 'Ended' : 'As of', endedAt === null ? undefined : utc(endedAt)],
    ['Took', took === undefined ? undefined : formatSeconds(took)],
  ])}`;
}

function box(kind: 'bad' | 'open', text: string | null | undefined): Html {
  return text ? html`<div class="box ${kind}"><p>${text}</p></div>` : '';
}

function checksSection({ checks, findings, notes, omitted }: RunReport): Html {
  const warnings = checks
    .filter(({ status }) => status !== 'ok')
    .map(({ name, message }) => `${name}: ${message}`);
  // notes and findings repeat them for those who see nothing else
  const isNew = (text: string) => !warnings.some((warning) => text.endsWith(warning));
  const told = notes.filter(({ text }) => isNew(text));
  const dropped = omitted?.notes ? [`${omitted.notes} notes of a long run were left out here.`] : [];
  return section(
    'What was noticed',
    list('Warnings', warnings),
    list('Found', findings.filter(isNew)),
    list('Notes', [...told.map(({ at, phase, text }) => `${utc(at)}, ${phase}: ${text}`), ...dropped]),
  );
}

function rawSection({ input, checks }: RunReport): Html {
  const well = checks.filter(({ status }) => status === 'ok');
  return section(
    'What it was told',
    details('Input, with every default', html`<pre>${JSON.stringify(input, null, 2)}</pre>`),
    details(
      'Checks that found nothing',
      list(
        'Well',
        well.map(({ name, message }) => `${name}: ${message}`),
      ),
    ),
  );
}
