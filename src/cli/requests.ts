/** The commands that send a request to a run. */
import type { Command } from 'commander';
import { commandOf, type requests } from '../core/contract/contract.ts';
import type { RequestOptions } from './commands/request.ts';
import { by, json, note, run, withHelp } from './options.ts';

/** What is said of a command, its own options, and what may follow the workflow id. */
interface Declared {
  summary: string;
  description: string;
  options?: (command: Command) => Command;
  example?: string;
}

const MIGRATION = 'migrate-Shop-to-ShopSharded';

const declared: Record<keyof typeof requests, Declared> = {
  approve: {
    summary: 'approve the cutover',
    description:
      'Approves the cutover of a migration that waits for it. It is refused while anything differs.',
    options: (command) =>
      command
        .option(
          '--accept-differences <digest>',
          'cut over although the target differs, by exactly the differences with this digest',
        )
        .option('--evidence <digest>', 'approve only what has this digest; the progress shows it'),
    example: '--by ann --note "the application is stopped"',
  },
  reject: {
    summary: 'reject the cutover and end the migration',
    description:
      'Rejects the cutover of a migration that waits for it, and ends it. The source serves as before.',
    example: '--by ann --note "not today"',
  },
  repair: {
    summary: 'copy all that differs again, then compare again',
    description:
      'Copies all that differs again, and deletes what only the target has. Then everything is compared again.',
    options: (command) =>
      command.option(
        '--dry-run',
        'only say how much that would be, when it is known; with --signal, watching shows it',
      ),
    example: '--dry-run',
  },
  skip: {
    summary: 'do without the items that RavenDB refuses',
    description: 'Goes on without the items that RavenDB refuses; the report lists them.',
    example: '--by ann',
  },
  rehearse: {
    summary: 'try the cutover up to the switch and undo it, to know the outage',
    description:
      'Tries the cutover up to the switch, undoes it, and says for how long the source was closed.',
    options: (command) =>
      command.option('--within <duration>', 'break it off when the source is closed for longer (30s)'),
    example: '--within 10s',
  },
  complete: {
    summary: 'close the way back of a cutover, and end the migration',
    description: 'Closes the way back of a cutover behind a fence before its time, and ends the migration.',
    example: '--by ann',
  },
  rollBack: {
    summary: 'take a cutover back: the old database serves again',
    description:
      'Takes a cutover behind a fence back: the old database serves again, with all that has changed since.',
    example: '--by ann --note "the new release fails"',
  },
  pause: {
    summary: 'stop all work until the run is resumed',
    description: 'Stops all work of a run until it is resumed.',
  },
  resume: {
    summary: 'go on after a pause',
    description: 'Lets a run go on where it was paused.',
  },
  throttle: {
    summary: 'limit the speed, or remove the limit',
    description: 'Limits the speed of a run from now on, or removes the limit.',
    options: (command) =>
      command.requiredOption('--max-items-per-second <n>', 'a number, or "none" to remove the limit'),
    example: '--max-items-per-second 2000',
  },
  abort: {
    summary: 'end a run before it is done',
    description: 'Ends a run before it is done, and tidies up after it. The source serves as before.',
    example: '--by ann',
  },
};

/** Declares the commands. */
export function declareRequests(program: Command): void {
  for (const [request, each] of Object.entries(declared) as [keyof typeof requests, Declared][]) {
    const { summary, description, options = (command) => command, example = '' } = each;
    const name = commandOf(request);
    const examples = [`${name} ${MIGRATION} ${example}`.trim()];
    options(withHelp(program.command(name), { summary, description, examples }))
      .argument('<workflowId>')
      .addOption(by())
      .addOption(note())
      .option(
        '--signal',
        'send a signal, which is kept until a worker is there, and do not wait for an answer',
      )
      .addOption(json())
      .action((workflowId: string, given: RequestOptions) =>
        run(async () => (await import('./commands/request.ts')).request(request, workflowId, given)),
      );
  }
}
