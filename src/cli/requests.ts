/** The commands that send a request to a run. */
import type { Command } from 'commander';
import { commandOf, type requests } from '../core/contract/contract.ts';
import type { RequestOptions } from './commands/request.ts';
import { by, json, note, run } from './options.ts';

/** Declares the commands. */
export function declareRequests(program: Command): void {
  const declare = (command: keyof typeof requests, description: string): Command =>
    declareRequest(program, command, description);
  declare('approve', 'approve the cutover')
    .option(
      '--accept-differences <digest>',
      'cut over although the target differs, by exactly the differences with this digest',
    )
    .option('--evidence <digest>', 'approve only what has this digest; the progress shows it');
  declare('reject', 'reject the cutover and end the migration');
  declare('repair', 'copy all that differs again, then compare again').option(
    '--dry-run',
    'only say how much that would be, when it is known; with --signal, watching shows it',
  );
  declare('skip', 'do without the items that RavenDB refuses');
  declare('rehearse', 'try the cutover up to the switch and undo it, to know the outage').option(
    '--within <duration>',
    'break it off when the source is closed for longer (30s)',
  );
  declare('complete', 'close the way back of a cutover, and end the migration');
  declare('rollBack', 'take a cutover back: the old database serves again');
  declare('pause', 'stop all work until the run is resumed');
  declare('resume', 'go on after a pause');
  declare('throttle', 'limit the speed, or remove the limit').requiredOption(
    '--max-items-per-second <n>',
    'a number, or "none" to remove the limit',
  );
  declare('abort', 'end a run before it is done');
}

function declareRequest(program: Command, command: keyof typeof requests, description: string): Command {
  return program
    .command(commandOf(command))
    .argument('<workflowId>')
    .description(description)
    .addOption(by())
    .addOption(note())
    .option('--signal', 'send a signal, which is kept until a worker is there, and do not wait for an answer')
    .addOption(json())
    .action((workflowId: string, options: RequestOptions) =>
      run(async () => (await import('./commands/request.ts')).request(command, workflowId, options)),
    );
}
