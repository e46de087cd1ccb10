import path from 'node:path';
import { noteFor, type Progress, type ServerName, serverTitles } from './progress.ts';
import type { Launch } from './supervised.ts';

/** One way to get a server. `find` returns how to start it, or throws why that is impossible. */
export type Step = {
  title: string;
  find: () => Promise<Launch>;
  /** Printed before a step that takes long. */
  announcement?: string;
  /** No other step is tried if this one fails, because the user asked for it. */
  isFinal?: boolean;
};

/** What a user can do if no step works. */
const REMEDIES: Record<ServerName, string> = {
  temporal:
    'Set TEMPORAL_ADDRESS to the address of a running server, or SHARDLIFT_TEMPORAL_CLI to the path of a temporal executable.',
  ravendb:
    'Set SHARDLIFT_RAVENDB_URL to the URL of a running server, or SHARDLIFT_RAVENDB_DIR to the directory of an unpacked one.',
  'time-skipping': 'Install Java 17 or newer and Maven, which can fetch the server.',
};

/** No step worked. The message lists each step with the reason of its failure, and says what the user can do. */
export class ServerNotFound extends Error {
  readonly server: ServerName;
  override readonly name = 'ServerNotFound';

  constructor(server: ServerName, failures: { title: string; reason: string }[]) {
    const tried = failures.map(
      (failure, i) => `  ${i + 1}. ${failure.title}: ${failure.reason.replaceAll('\n', '\n     ')}`,
    );
    super(
      [
        `No ${serverTitles[server]} server was found or could be fetched. Tried:`,
        ...tried,
        REMEDIES[server],
      ].join('\n'),
    );
    this.server = server;
  }
}

/** Options of {@link firstThatWorks} and its callers. */
export type LocateOptions = { onProgress?: Progress | undefined; signal?: AbortSignal | undefined };

/** The step that uses the path in an environment variable; none if the variable is not set. */
export function namedBy(variable: string, find: (file: string) => Promise<Launch>): Step[] {
  const file = process.env[variable];
  return file ? [{ title: variable, find: () => find(path.resolve(file)), isFinal: true }] : [];
}

/**
 * Tries the steps in order and returns the first launch found. Throws {@link ServerNotFound} when none is left, and
 * the signal's reason as soon as it is aborted.
 */
export async function firstThatWorks(
  server: ServerName,
  steps: Step[],
  options: LocateOptions = {},
): Promise<Launch> {
  const note = noteFor(server, options.onProgress);
  const failures: { title: string; reason: string }[] = [];
  for (const step of steps) {
    options.signal?.throwIfAborted();
    if (step.announcement) note(step.announcement);
    try {
      return await step.find();
    } catch (error) {
      options.signal?.throwIfAborted();
      const reason = (error as Error).message;
      failures.push({ title: step.title, reason });
      if (step.announcement) note(`${step.title} failed: ${reason}`);
      if (step.isFinal) break;
    }
  }
  throw new ServerNotFound(server, failures);
}
