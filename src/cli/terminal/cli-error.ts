/** Errors of the command line, and the one place where any error becomes a message and an exit code. */
import { type Command, CommanderError } from 'commander';
import { ConfigError } from '../../config/config-error.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { paletteFor } from './palette.ts';

/** An error that a person can act on: what happened, and the way out. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(message: string, hint: string | undefined, exitCode: ExitCode) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** Ctrl-C, or another signal that ends the process. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** `DEADLINE_EXCEEDED` of gRPC. */
const TOO_LATE = 4;
/** `NOT_FOUND` of gRPC. */
const NOT_FOUND = 5;
/** `PERMISSION_DENIED` and `UNAUTHENTICATED` of gRPC. */
const NO_RIGHT: ReadonlySet<number> = new Set([7, 16]);

const LINGER_MS = 1_000;

/** Runs a command to its exit code. Errors are printed on stderr, with the stack when `DEBUG=shardlift` is set. */
export async function runCommand(command: () => Promise<ExitCode>): Promise<void> {
  process.stdout.on('error', endWithReader);
  try {
    process.exitCode = await command();
  } catch (error) {
    const { message, hint, exitCode } = explain(error);
    process.exitCode = exitCode;
    if (message) {
      const { red } = paletteFor(process.stderr);
      // a refusal already says that it is one
      const label = exitCode === exitCodes.refused ? '' : `${red('Error:')} `;
      process.stderr.write(`${label}${message}\n${hint ? `${hint}\n` : ''}`);
    }
    const isDebugged = process.env.DEBUG?.split(',').includes('shardlift');
    if (isDebugged && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  }
  // Temporal's native runtime keeps the process alive when no worker ran in it
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

/** Parses the command line of this process; the exit code tells a wrong usage. */
export async function parseCommandLine(program: Command): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    // commander has printed the error
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
}

/** An error that may come from gRPC. */
interface Failed extends Error {
  code?: number;
  details?: string;
}

/** What to say about an error, and how to exit. */
export function explain(error: unknown): { message: string; hint?: string | undefined; exitCode: ExitCode } {
  if (error instanceof CliError) return error;
  if (error instanceof Interrupted) return { message: '', exitCode: exitCodes.interrupted };
  if (error instanceof ConfigError) return { message: error.message, exitCode: exitCodes.usage };
  const { name, message, cause, code, details }: Failed =
    error instanceof Error ? error : new Error(String(error));
  // by name: the classes come with Temporal's client, which not every command needs to load
  if (name === 'NamespaceNotFoundError' || (code === NOT_FOUND && /^Namespace\b/.test(details ?? ''))) {
    const hint = 'Set TEMPORAL_NAMESPACE to one that exists.';
    const what = (details ?? message).replace(/\.$/, '');
    return { message: `${what}.`, hint, exitCode: exitCodes.unreachable };
  }
  if (name === 'ServiceError') {
    const refused: Failed = cause instanceof Error ? cause : { name, message };
    if (refused.code === TOO_LATE) {
      const hint = 'It may have done what was asked: look before you ask again.';
      return { message: 'Temporal did not answer in time.', hint, exitCode: exitCodes.unreachable };
    }
    const hint = NO_RIGHT.has(refused.code ?? 0)
      ? 'Set TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, to what may use the namespace.'
      : undefined;
    return {
      message: `Temporal rejected the request: ${refused.message}`,
      hint,
      exitCode: exitCodes.unreachable,
    };
  }
  return { message, exitCode: exitCodes.failed };
}

/** `shardlift watch ... | head`: the reader has closed the pipe. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.interrupted);
}
