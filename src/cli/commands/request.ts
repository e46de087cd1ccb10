import {
  commandOf,
  type Parsed,
  parseApproval,
  parseRehearsal,
  parseThrottle,
  type RequestName,
  requests,
} from '../../core/contract/contract.ts';
import { notTaken } from '../../core/run/refusals.ts';
import { allowedIn } from '../../core/run/run-types.ts';
import { number, userName } from '../run/fields.ts';
import { findWorkflow, workflowTypeOf } from '../run/follow.ts';
import { awaitedOf, earlierOutcome, untilOutcome } from '../run/outcome-of-request.ts';
import { hasEnded, sendRequest, sendSignal } from '../run/send-request.ts';
import { explainSilence, withTemporal } from '../run/temporal.ts';
import { invocation, TypedCommands } from '../run/typed-commands.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';

/** The options of the commands that send a request. */
export interface RequestOptions {
  by?: string;
  note?: string;
  signal?: boolean;
  json?: boolean;
  /** Of `approve`: the digest of the differences to accept. */
  acceptDifferences?: string;
  /** Of `approve`: the digest of what was looked at. */
  evidence?: string;
  /** Of `repair`: whether to say only how much would be mended. */
  dryRun?: boolean;
  /** Of `rehearse`: how long the source may be closed. */
  within?: string;
  /** Of `throttle`: a number, or "none". */
  maxItemsPerSecond?: string;
}

/** What happens next, after a request was accepted. */
const NEXT: Record<RequestName, string> = {
  [requests.approve]:
    'Once it has every approval that it takes, the cutover begins. Behind a fence RavenDB refuses writes to the source then; otherwise ' +
    'nothing may write to it.',
  [requests.reject]: 'The migration ends; the source serves as before.',
  [requests.repair]: 'All that differs is copied again, then everything is compared again.',
  [requests.skip]: 'The target is compared again without these items, and they are listed in the report.',
  [requests.rehearse]: 'The cutover is tried up to the switch, and undone.',
  [requests.complete]: 'The way back closes, and the migration ends.',
  [requests.rollBack]: 'The old database serves again once all that has changed since is there.',
  [requests.pause]: 'The run stops until it is resumed.',
  [requests.resume]: 'The run goes on where it stood.',
  [requests.throttle]: 'The limit applies from now on.',
  [requests.abort]: 'The run ends; the source serves as before.',
};

/** The checks that the workflow makes of what somebody has typed: a mistake is known before anything is sent. */
const CHECKS: Partial<Record<RequestName, (request: RequestName, payload: unknown) => Parsed<unknown>>> = {
  [requests.approve]: parseApproval,
  [requests.rehearse]: parseRehearsal,
  [requests.throttle]: parseThrottle,
};

/**
 * `shardlift approve|reject|repair|skip|rehearse|complete|roll-back|pause|resume|throttle|abort`: sends a request and says whether it was accepted,
 * and what came of it where that is what it is sent for.
 */
export async function request(
  command: keyof typeof requests,
  workflowId: string,
  options: RequestOptions,
): Promise<ExitCode> {
  const name = requests[command];
  const { maxItemsPerSecond: limit, acceptDifferences, evidence } = options;
  const signature = {
    by: options.by ?? userName(),
    note: options.note ?? '',
    // what is not a number is left to the check of the payload, whose sentence names the field
    ...(acceptDifferences !== undefined && { acceptDifferences }),
    ...(evidence !== undefined && { evidence }),
    ...(options.dryRun && { dryRun: true }),
    ...(options.within !== undefined && { within: options.within }),
    ...(limit !== undefined && { maxItemsPerSecond: limit === 'none' ? null : number(limit) }),
  };
  const commands = new TypedCommands();
  const checked = CHECKS[name]?.(name, signature);
  if (checked?.ok === false) {
    const hint = `To see what it takes: ${invocation()} ${commandOf(command)} --help`;
    throw new CliError(checked.problem, hint, exitCodes.usage);
  }
  return await withTemporal(async (temporal) => {
    const { handle, description } = await findWorkflow(temporal, workflowId);
    const type = workflowTypeOf(description.type, workflowId);
    if (!allowedIn[type][name])
      throw new CliError(`Refused: ${notTaken(name, type)}`, undefined, exitCodes.refused);
    if (description.status.name !== 'RUNNING') throw hasEnded(`To see how: ${commands.watch(workflowId)}`);
    const awaited = awaitedOf(command, options);
    const earlier = await earlierOutcome(handle, awaited);
    if (options.signal) await sendSignal(temporal, handle, { name, signature });
    else if (!(await sendRequest(temporal, handle, { name, signature }))) {
      const why = await explainSilence(temporal, description.taskQueue);
      const hint = `As a signal it is kept until a worker is there: ${commands.shardlift(commandOf(command), workflowId, '--signal')}`;
      throw new CliError(`${why} Nothing was answered.`, hint, exitCodes.unreachable);
    }
    if (awaited) {
      const { taskQueue } = description;
      const outcome = await untilOutcome(temporal, awaited, { handle, taskQueue, earlier, commands });
      const answer = { workflowId, request: name, ...signature, accepted: true, ...outcome.json };
      process.stdout.write(`${options.json ? JSON.stringify(answer) : outcome.text}\n`);
      return outcome.exitCode;
    }
    const watchIt = `To watch it: ${commands.watch(workflowId)}`;
    const text = options.signal
      ? `Sent. It takes effect when a worker is there; if it is refused then, watching shows why.\n${watchIt}`
      : `Accepted. ${NEXT[name]}\n${watchIt}`;
    const answer = { workflowId, request: name, ...signature, accepted: options.signal ? null : true };
    process.stdout.write(`${options.json ? JSON.stringify(answer) : text}\n`);
    return exitCodes.ok;
  });
}
