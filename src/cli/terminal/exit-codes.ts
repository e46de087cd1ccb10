/** The exit codes, which scripts may rely on. */
import { failures } from '../../core/contract/failures.ts';

/** Every exit code by its name. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  ended: 3,
  refused: 4,
  unreachable: 5,
  different: 6,
  blocked: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const MEANINGS: Record<keyof typeof exitCodes, string> = {
  ok: 'the run completed, the migration is possible, or the request was accepted',
  failed: 'the run failed, or something unexpected happened',
  usage: 'wrong usage, input or configuration',
  ended: 'the run was rejected, rolled back, aborted or canceled',
  refused: 'a request was refused, or the cutover cannot be approved as things stand',
  unreachable: 'Temporal, the worker or the workflow cannot be reached or found',
  different: 'a comparison completed and found differences, or evidence was changed',
  blocked: 'the plan, doctor or init found something that blocks a migration',
  interrupted: 'interrupted; the run goes on',
};

/** The table that `shardlift --help` ends with. */
export function describeExitCodes(): string {
  const rows = Object.entries(exitCodes).map(
    ([name, code]) => `  ${String(code).padEnd(4)} ${MEANINGS[name as keyof typeof exitCodes]}`,
  );
  return ['Exit codes:', ...rows].join('\n');
}

/** Ends that somebody wanted. */
const ends: ReadonlySet<string> = new Set([failures.rejected, failures.rolledBack, failures.aborted]);

/** The exit code of a run that ended with a failure of some type. */
export function exitCodeOfFailure(type: string | undefined): ExitCode {
  return ends.has(type ?? '') ? exitCodes.ended : exitCodes.failed;
}
