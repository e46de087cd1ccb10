/** What a shell needs to complete Shardlift's commands, options and their choices. */
import { type Command as Known, RootCommand, script } from '@bomb.sh/tab';
import { Argument, type Command } from 'commander';
import { run, withHelp } from './options.ts';
import { exitCodes } from './terminal/exit-codes.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

/** Declares `completion`, and the hidden command that its script calls at each Tab. Call it after all other commands. */
export function declareCompletion(program: Command): void {
  const name = program.name();
  withHelp(program.command('completion'), {
    summary: 'print the script that completes commands in your shell',
    description:
      `Prints a script that completes commands, options and their choices for the command ${name}. ` +
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
        knownCommands(program).parse(words);
        return exitCodes.ok;
      }),
    );
}

function knownCommands(program: Command): RootCommand {
  const root = new RootCommand();
  addOptions(root, program);
  addCommands(root, program, []);
  return root;
}

function addCommands(root: RootCommand, parent: Command, path: readonly string[]): void {
  for (const command of parent.createHelp().visibleCommands(parent)) {
    const own = [...path, command.name()];
    const known = root.command(own.join(' '), command.summary() || command.description());
    addOptions(known, command);
    for (const argument of command.registeredArguments) {
      known.argument(argument.name(), choose(argument.argChoices), argument.variadic);
    }
    addCommands(root, command, own);
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
