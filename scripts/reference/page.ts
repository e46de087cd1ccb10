/** `docs/reference.md`: everything is read from the contract, the command line, the configuration and the runbook. */
import { hostname } from 'node:os';
import { relative } from 'node:path';
import type { z } from 'zod';
import { describeExitCodes } from '../../src/cli/terminal/exit-codes.ts';
import { loadSettings, type Settings } from '../../src/config/config.ts';
import { fileSchema } from '../../src/config/schema.ts';
import {
  handlerTexts,
  queries,
  type RequestName,
  requests,
  type WorkflowType,
  workflowTypes,
} from '../../src/core/contract/contract.ts';
import { failures } from '../../src/core/contract/failures.ts';
import { finalPhases, phasesOf, phasesWithWayBack } from '../../src/core/contract/phases.ts';
import { allowedIn, nounOf } from '../../src/core/run/run-types.ts';
import { table } from '../bench/table.ts';
import { type Field, fieldsOf } from './fields.ts';
import { inputs, payloads } from './schemas.ts';

const types = Object.keys(workflowTypes) as WorkflowType[];

/** The page. @param runbook the text of docs/runbook.md, which says what each failure means */
export function referencePage(runbook: string): string {
  const parts = [
    '<!-- Written by `npm run reference` from the schemas and tables of the code: run it again instead of editing. -->',
    '# Reference',
    'Inputs, requests, queries, phases, failures, exit codes and configuration. A duration is a text such as `"500ms"`, `"30s"`, `"10m"` or `"7d"`.',
    '## Inputs',
    'The one argument of each workflow type, as JSON. A field that is not known is refused.',
    ...types.map(inputSection),
    '## Requests',
    'Each is an update, which answers, and a signal of the same name, which is kept until a worker is there.',
    ...Object.values(requests).map(requestSection),
    '## Which request, when',
    'The phases in which a workflow type takes a request. It refuses the requests that are not listed.',
    table(['workflow type', 'request', 'phases'], types.flatMap(allowedRows)),
    '## Queries',
    table(
      ['query', 'answer'],
      Object.values(queries).map((query) => [code(query), handlerTexts[query]]),
    ),
    '## Phases',
    'In order. A run that has less to do leaves some out. Those in brackets are of a cutover that can be rolled back.',
    table(['workflow type', 'people say', 'phases'], types.map(phaseRow)),
    `A run ends as ${finalPhases.map(code).join(', ')}.`,
    '## Failures',
    "The `type` of the failure of a workflow or of an activity. What to do is in the [runbook](runbook.md#how-a-run-ended). Other types are those of RavenDB's own exceptions.",
    table(
      ['type', 'meaning'],
      Object.values(failures).map((type) => [code(type), meaningOf(type, runbook)]),
    ),
    '## Exit codes',
    `\`\`\`\n${describeExitCodes()}\n\`\`\``,
    '## Configuration',
    "`shardlift.yaml` in the working directory of the worker, or the file that `SHARDLIFT_CONFIG` names. A variable of the environment overrides an entry; in its name `<NAME>` is the name in upper case, with `_` for `-`. Temporal's own variables (`TEMPORAL_ADDRESS` and so on) say where Temporal is.",
    table(['entry', 'variable', 'type', 'default', 'meaning'], fieldsOf(fileSchema).map(settingRow)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function inputSection(type: WorkflowType): string {
  const twin = types.find((other) => inputs[other] === inputs[type]);
  const body =
    twin !== type && twin ? `That of [\`${twin}\`](#${twin.toLowerCase()}).` : fieldTable(inputs[type]);
  return `### \`${type}\`\n\n${body}`;
}

function requestSection(name: RequestName): string {
  const text = handlerTexts[name].replace(/\{.+?\}/, code);
  return `### \`${name}\`\n\n${text}\n\n${fieldTable(payloads[name])}`;
}

function fieldTable(schema: z.ZodType): string {
  return table(
    ['field', 'type', 'default', 'meaning'],
    fieldsOf(schema).map(({ path, type, fallback, meaning }) => [code(path), type, fallback, meaning]),
  );
}

function allowedRows(type: WorkflowType): string[][] {
  return Object.entries(allowedIn[type]).map(([request, phases], at) => [
    at === 0 ? code(type) : '',
    code(request),
    phases.map(code).join(', '),
  ]);
}

function phaseRow(type: WorkflowType): string[] {
  const usual: readonly string[] = phasesOf[type];
  const canRollBack = allowedIn[type].rollBack !== undefined;
  const all = canRollBack ? phasesWithWayBack(type, true) : usual;
  const shown = all.map((phase) => (usual.includes(phase) ? code(phase) : `(${code(phase)})`));
  return [code(type), nounOf[type], shown.join(', ')];
}

/** From the runbook's row about a type. @throws when there is none */
function meaningOf(type: string, runbook: string): string {
  const row = runbook
    .split('\n')
    .find((line) => line.startsWith('|') && line.split('|')[1]?.includes(code(type)));
  const meaning = row?.split('|')[2]?.trim();
  if (!meaning) throw new Error(`docs/runbook.md does not say what ${type} means.`);
  return meaning;
}

function settingRow({ path, variable, type, fallback, meaning }: Field): string[] {
  return [
    code(path),
    variable === undefined ? '' : code(variable),
    type,
    fallback || settingFallback(path),
    meaning,
  ];
}

const EMPTY = '/nowhere';
const defaults: Settings = loadSettings({}, EMPTY);

/** What an entry is where neither file nor variable says it. */
function settingFallback(path: string): string {
  const value = path in defaults ? defaults[path as keyof Settings] : undefined;
  if (typeof value !== 'string') return '';
  if (value === hostname()) return 'the host name';
  return code(value.startsWith(EMPTY) ? relative(EMPTY, value) : value);
}

function code(text: string): string {
  return `\`${text}\``;
}
