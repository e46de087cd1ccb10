/** Calling hooks: an HTTP request that is signed, a program on the worker, or a value of compare exchange. */
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { HookSettings } from '../../config/hooks.ts';
import { durationMs } from '../../core/contract/duration.ts';
import { failures } from '../../core/contract/failures.ts';
import type { HookCall } from '../../core/cutover/hooks.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { compareExchangeItem, putCompareExchange } from '../../ravendb/requests/cluster-items.ts';
import type { Work } from '../work/work.ts';

/** The answers that veto a switch: it is not tried again. */
const VETOES: ReadonlySet<number> = new Set([403, 409]);
/** The same for a program. */
const VETO_EXIT_CODE = 3;
/** Of what a program has written, as much is told. */
const MOST_OUTPUT = 500;

/** What a hook is told, as JSON. */
interface HookFacts extends HookCall {
  workflowId: string;
  at: string;
  /** Addresses of the server of each side. */
  urls: { from: readonly string[]; to: readonly string[] };
}

/**
 * Calls a hook once. The same call may come again, after an answer that was lost.
 * @throws RavenError: of the type `HookVetoed`, which is not retryable, or `HookFailed`
 */
export async function runHook(work: Work, call: HookCall): Promise<void> {
  const settings = work.config.hooks[call.hook];
  if (!settings) throw failed(call, 'This worker has no hook of that name.');
  const { connections } = work.config;
  const urlsOf = ({ connection }: HookCall['from']) => connections[connection]?.urls ?? [];
  const urls = { from: urlsOf(call.from), to: urlsOf(call.to) };
  const facts: HookFacts = { ...call, workflowId: work.workflowId, at: new Date().toISOString(), urls };
  const timeout = AbortSignal.timeout(durationMs(settings.timeout));
  const signal = AbortSignal.any([work.signal, timeout]);
  try {
    await callIt(work, settings, facts, signal);
  } catch (error) {
    work.signal.throwIfAborted();
    if (error instanceof RavenError) throw error;
    throw failed(call, timeout.aborted ? `It took longer than ${settings.timeout}.` : reasonOf(error));
  }
}

async function callIt(
  work: Work,
  settings: HookSettings,
  facts: HookFacts,
  signal: AbortSignal,
): Promise<void> {
  if ('url' in settings) await post(settings, facts, signal);
  else if ('command' in settings) await execute(settings.command, facts, signal);
  else await putKey(work, settings, facts);
}

async function post(
  { url, secret }: Extract<HookSettings, { url: string }>,
  facts: HookFacts,
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify(facts);
  const signature = secret && createHmac('sha256', secret).update(body).digest('hex');
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(signature && { 'X-Shardlift-Signature': `sha256=${signature}` }),
    },
    body,
    signal,
    redirect: 'error',
  });
  await answer.body?.cancel();
  if (VETOES.has(answer.status)) throw vetoed(facts, `It answered HTTP ${answer.status}.`);
  if (!answer.ok) throw failed(facts, `It answered HTTP ${answer.status}.`);
}

async function execute(command: readonly string[], facts: HookFacts, signal: AbortSignal): Promise<void> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], signal, killSignal: 'SIGKILL' });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_OUTPUT);
  });
  // one that reads nothing is fine
  child.stdin.on('error', () => undefined).end(JSON.stringify(facts));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  const reason = `It ended with exit code ${code}.${said && ` It said: ${said.trim()}`}`;
  throw code === VETO_EXIT_CODE ? vetoed(facts, reason) : failed(facts, reason);
}

async function putKey(
  work: Work,
  { connection, database: name, key }: Extract<HookSettings, { key: string }>,
  facts: HookFacts,
): Promise<void> {
  const database = work.database({ connection, database: name });
  const item = await compareExchangeItem(database, key);
  const value = JSON.stringify({ Object: facts });
  const isPut = await putCompareExchange(database, { key, value, index: item?.index ?? 0 });
  if (!isPut) throw failed(facts, `Others keep changing the key "${key}".`);
}

function vetoed(call: HookCall, reason: string): RavenError {
  return error(call, `vetoed the switch. ${reason}`, failures.hookVetoed, false);
}

function failed(call: HookCall, reason: string): RavenError {
  return error(call, `failed. ${reason}`, failures.hookFailed, true);
}

function error({ hook, moment }: HookCall, text: string, kind: string, retryable: boolean): RavenError {
  return new RavenError(`The hook "${hook}" (${moment}) ${text}`, { kind, retryable });
}

/** Without the address, which may hold a password. */
function reasonOf(error: unknown): string {
  const { code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
  return `It could not be called${code ? ` (${code})` : ''}.`;
}
