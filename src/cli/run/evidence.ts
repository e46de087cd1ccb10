/**
 * The evidence of a run: what it was told, found and decided, and all that Temporal has recorded of it, in a folder that can be
 * checked without a server. A manifest has the checksum of each file; who keeps its own checksum elsewhere notices any change.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { z } from 'zod';
import { queries, requests } from '../../core/contract/contract.ts';
import type { Signed } from '../../core/run/progress.ts';
import type { RunReport } from '../../core/run/report.ts';
import { reportPage } from '../../report/page.ts';
import { ask, type Temporal } from './temporal.ts';
import { tuning } from './tuning.ts';

const MANIFEST = 'manifest.json';

const manifestSchema = z.object({
  format: z.literal(1),
  workflowId: z.string(),
  workflowType: z.string(),
  namespace: z.string(),
  gatheredAt: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});

/** What belongs together, and by what it is recognized. */
export type Manifest = z.output<typeof manifestSchema>;

/** By name, with its text. */
type Files = Map<string, string>;

/**
 * Gathers the evidence of a run and of those that it went on with, and writes it into a folder.
 * @param directory is created; must not hold anything
 * @returns the checksum of the manifest
 * @throws when no worker answers, or the folder cannot be written or is not empty
 */
export async function writeEvidence(
  temporal: Temporal,
  { handle, workflowType }: { handle: WorkflowHandle; workflowType: string },
  directory: string,
): Promise<{ manifest: Manifest; sha256: string }> {
  const asking = () => handle.query<RunReport>(queries.report);
  const report = await ask(temporal, asking, undefined, tuning.answerWithinMs);
  const files: Files = new Map([
    ['report.json', `${JSON.stringify(report, null, 2)}\n`],
    ['report.html', reportPage(report)],
    ['input.json', `${JSON.stringify(report.input, null, 2)}\n`],
    ...(await historiesOf(temporal, handle)),
  ]);
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) throw new Error(`${directory} is not empty`);
  for (const [name, text] of files) await writeFile(join(directory, name), text);
  const manifest: Manifest = {
    format: 1,
    workflowId: handle.workflowId,
    workflowType,
    namespace: temporal.namespace,
    gatheredAt: new Date().toISOString(),
    files: [...files].map(([name, text]) => ({
      name,
      bytes: Buffer.byteLength(text),
      sha256: sha256Of(text),
    })),
  };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFile(join(directory, MANIFEST), text);
  return { manifest, sha256: sha256Of(text) };
}

/** The history of each run in which a workflow went on, the first one first. */
async function historiesOf(temporal: Temporal, handle: WorkflowHandle): Promise<[string, string][]> {
  const { workflow } = temporal.client;
  const { workflowId } = handle;
  const texts: string[] = [];
  const description = await ask(temporal, () => handle.describe());
  let runId: string | null | undefined = description.runId;
  while (runId) {
    const history = await workflow.getHandle(workflowId, runId).fetchHistory();
    texts.unshift(historyToJSON(history));
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  }
  return texts.map((text, at) => [`history-${at + 1}.json`, text]);
}

/**
 * Looks whether evidence is whole and unchanged, and whether its parts agree: each decision in the report was sent to the run.
 * @param sha256 of the manifest, where somebody has kept it
 * @returns what is wrong, a sentence each
 */
export async function findFlaws(directory: string, sha256?: string): Promise<string[]> {
  const text = await readFile(join(directory, MANIFEST), 'utf8').catch(() => undefined);
  if (text === undefined) return [`${directory} has no ${MANIFEST}.`];
  const parsed = manifestSchema.safeParse(jsonOf(text));
  if (!parsed.success) return [`${MANIFEST} has another form than expected.`];
  const { files, workflowId } = parsed.data;
  const flaws: string[] = [];
  if (sha256 !== undefined && sha256Of(text) !== sha256.toLowerCase())
    flaws.push(`${MANIFEST} is another one: its checksum is ${sha256Of(text)}.`);
  const found: Files = new Map();
  for (const { name, sha256: expected } of files) {
    const content = await readFile(join(directory, name), 'utf8').catch(() => undefined);
    if (content === undefined) flaws.push(`${name} is missing.`);
    else if (sha256Of(content) !== expected) flaws.push(`${name} was changed: its checksum is another one.`);
    else found.set(name, content);
  }
  const known = new Set([MANIFEST, ...files.map(({ name }) => name)]);
  for (const name of await readdir(directory))
    if (!known.has(name)) flaws.push(`${name} does not belong to it.`);
  return [...flaws, ...contradictions(found, workflowId)];
}

function contradictions(files: Files, workflowId: string): string[] {
  const text = files.get('report.json');
  if (text === undefined) return [];
  const report = jsonOf(text) as RunReport;
  const flaws = report.workflowId === workflowId ? [] : ['report.json is of another workflow.'];
  const histories = [...files].filter(([name]) => name.startsWith('history-')).map(([, each]) => each);
  const sent = new Set(histories.flatMap(decisionsIn));
  for (const [request, { by }] of decisionsOf(report))
    if (!sent.has(keyOf(request, by))) flaws.push(`${request} by ${by} is in the report, and in no history.`);
  return flaws;
}

/** The decisions that a report tells of. */
function decisionsOf(report: RunReport): [string, Signed][] {
  const { approval, approvals = [], rejection, completion, rollBack } = report;
  const one = (request: string, decision: Signed | null | undefined): [string, Signed][] =>
    decision ? [[request, decision]] : [];
  return [
    ...one(requests.approve, approval),
    ...approvals.flatMap((each) => one(requests.approve, each)),
    ...one(requests.reject, rejection),
    ...one(requests.complete, completion),
    ...one(requests.rollBack, rollBack),
  ];
}

interface Payloads {
  payloads?: { data?: string }[];
}

interface HistoryEvent {
  workflowExecutionSignaledEventAttributes?: { signalName?: string; input?: Payloads };
  workflowExecutionUpdateAcceptedEventAttributes?: {
    acceptedRequest?: { input?: { name?: string; args?: Payloads } };
  };
}

/** The decisions that a history holds: signals, and updates that were accepted. */
function decisionsIn(history: string): string[] {
  const { events = [] } = jsonOf(history) as { events?: HistoryEvent[] };
  return events.flatMap((event) => {
    const signal = event.workflowExecutionSignaledEventAttributes;
    const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
    const name = signal?.signalName ?? update?.name;
    const [payload] = (signal?.input ?? update?.args)?.payloads ?? [];
    const sent = payload?.data && jsonOf(Buffer.from(payload.data, 'base64').toString('utf8'));
    const by = (sent as { by?: unknown } | undefined)?.by;
    return name !== undefined && typeof by === 'string' ? [keyOf(name, by)] : [];
  });
}

function keyOf(request: string, by: string): string {
  return JSON.stringify([request, by.trim()]);
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
