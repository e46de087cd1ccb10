/** What a shell needs to complete Shardlift's commands, options and their choices. */
import { type Command as Known, RootCommand, script } from '@bomb.sh/tab';
import { Argument, type Command } from 'commander';
import { run, withHelp } from './options.ts';
import { exitCodes } from './terminal/exit-codes.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];
/** What commands call the argument that takes a workflow id. */
const WORKFLOW_ID = 'workflowId';

/** Declares `completion`, and the hidden command that its script calls at each Tab. Call it after all other commands. */
export function declareCompletion(program: Command): void {
  const name = program.name();
  withHelp(program.command('completion'), {
    summary: 'print the script that completes commands in your shell',
    description:
      `Prints a script that completes commands, options, their choices and the ids of running workflows for the command ${name}. ` +
      'bash: source <(shardlift completion bash), which needs the package bash-completion. fish: shardlift completion fish | source',
    examples: ['completion bash', 'completion fish'],
  })
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: string) =>
      run(async () => {
        // the script calls `<this> complete -- <words>`; `complete` alone is a request to a migration
        script(shell, name, `${name} suggest`);
        return exitCodes.ok;
      }),
    );
  program
    .command('suggest', { hidden: true })
    .command('complete')
    .argument('[words...]')
    .action((words: string[]) =>
      run(async () => {
        await suggest(program, words);
        return exitCodes.ok;
      }),
    );
}

/**
 * Prints what the last of some words may become, in the form that the script reads.
 * @param listIds gives the ids of running workflows, where one may be typed
 */
export async function suggest(
  program: Command,
  words: readonly string[],
  listIds = runningIds,
): Promise<void> {
  const ids = takesWorkflowId(program, words) ? await listIds() : [];
  knownCommands(program, ids).parse([...words]);
}

/** The ids of running workflows; none when Temporal cannot be asked: a shell has nowhere to show why. */
async function runningIds(): Promise<string[]> {
  const { suggestRunningIds } = await import('./run/list-runs.ts');
  return await suggestRunningIds().catch(() => []);
}

/** Whether the word that is typed may be a workflow id: after a command that takes one, and no option. */
function takesWorkflowId(program: Command, words: readonly string[]): boolean {
  let command = program;
  for (const word of words.slice(0, -1))
    command = command.commands.find((each) => each.name() === word) ?? command;
  return command.registeredArguments[0]?.name() === WORKFLOW_ID && words.at(-1)?.startsWith('-') !== true;
}

function knownCommands(program: Command, ids: readonly string[]): RootCommand {
  const root = new RootCommand();
  addOptions(root, program);
  addCommands(root, program, [], ids);
  return root;
}

function addCommands(
  root: RootCommand,
  parent: Command,
  path: readonly string[],
  ids: readonly string[],
): void {
  for (const command of parent.createHelp().visibleCommands(parent)) {
    const own = [...path, command.name()];
    const known = root.command(own.join(' '), command.summary() || command.description());
    addOptions(known, command);
    for (const argument of command.registeredArguments) {
      const choices = argument.name() === WORKFLOW_ID ? ids : argument.argChoices;
      known.argument(argument.name(), choose(choices), argument.variadic);
    }
    addCommands(root, command, own, ids);
  }
}

function addOptions(known: Known, command: Command): void {
  for (const option of command.createHelp().visibleOptions(command)) {
    const name = option.long?.slice(2);
    if (name === undefined) continue;
    const takesValue = option.required || option.optional;
    // an option with a function takes a value
    if (takesValue) known.option(name, option.description, choose(option.argChoices));
    else known.option(name, option.description);
  }
}

function choose(choices: readonly string[] = []) {
  return (complete: (value: string, description: string) => void): void => {
    for (const choice of choices) complete(choice, '');
  };
}
