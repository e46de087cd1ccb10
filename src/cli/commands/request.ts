import { type RequestName, requests, workflowTypes } from '../../core/contract/contract.ts';
import { findWorkflow } from '../run/follow.ts';
import { number, userName } from '../run/input.ts';
import { sendRequest } from '../run/send-request.ts';
import { connectTemporal, explainSilence } from '../run/temporal.ts';
import { TypedCommands } from '../run/typed-commands.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';

/** The options of the commands that send a request. */
export interface RequestOptions {
  by?: string;
  note?: string;
  signal?: boolean;
  json?: boolean;
  /** Of `throttle`: a number, or "none". */
  maxItemsPerSecond?: string;
}

/** What happens next, after a request was accepted. */
const NEXT: Record<RequestName, string> = {
  [requests.approve]: 'The cutover begins: the source must stand still now.',
  [requests.reject]: 'The migration ends; the source serves as before.',
  [requests.repair]: 'What differs is copied once more, and all is compared again.',
  [requests.pause]: 'The migration stands still until it is resumed.',
  [requests.resume]: 'The migration goes on where it stood.',
  [requests.throttle]: 'The copy keeps to it from now on.',
  [requests.abort]: 'The migration ends; the source serves as before.',
};

/** The same of a comparison. */
const NEXT_OF_COMPARISON: Partial<Record<RequestName, string>> = {
  [requests.pause]: 'The comparison stands still until it is resumed.',
  [requests.resume]: 'The comparison goes on where it stood.',
  [requests.throttle]: 'The reading keeps to it from now on.',
  [requests.abort]: 'The comparison ends.',
};

/** `shardlift approve|reject|repair|pause|resume|throttle|abort`: sends a request and says whether it was accepted. */
export async function request(
  command: keyof typeof requests,
  workflowId: string,
  options: RequestOptions,
): Promise<ExitCode> {
  const name = requests[command];
  const limit = options.maxItemsPerSecond;
  const signature = {
    by: options.by ?? userName(),
    note: options.note ?? '',
    // what is no number is left to the check of the payload, whose sentence names the field
    ...(limit !== undefined && { maxItemsPerSecond: limit === 'none' ? null : number(limit) }),
  };
  const commands = new TypedCommands();
  const temporal = await connectTemporal();
  try {
    const { handle, description } = await findWorkflow(temporal, workflowId);
    if (description.status.name !== 'RUNNING') {
      const hint = `To see how: ${commands.watch(workflowId)}`;
      throw new CliError('Refused: the run has ended.', hint, exitCodes.refused);
    }
    const isComparison = description.type === workflowTypes.verifyDatabases;
    if (options.signal) await handle.signal(name, signature);
    else if (!(await sendRequest(temporal, handle, { name, signature }))) {
      const why = await explainSilence(temporal, description.taskQueue);
      const hint = `Sent as a signal it is kept until a worker is there: ${commands.shardlift(command, workflowId, '--signal')}`;
      throw new CliError(`${why} Nothing was answered.`, hint, exitCodes.unreachable);
    }
    const watchIt = `To watch it: ${commands.watch(workflowId)}`;
    const text = options.signal
      ? `Sent. A worker takes it up when there is one; should it be refused then, watching shows why.\n${watchIt}`
      : `Accepted. ${isComparison ? (NEXT_OF_COMPARISON[name] ?? NEXT[name]) : NEXT[name]}\n${watchIt}`;
    const answer = { workflowId, request: name, ...signature, accepted: options.signal ? null : true };
    process.stdout.write(`${options.json ? JSON.stringify(answer) : text}\n`);
    return exitCodes.ok;
  } finally {
    await temporal.close();
  }
}
