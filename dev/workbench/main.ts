/** `npm run dev`: declares the options of the workbench. */
import { Command } from 'commander';
import { parseCommandLine, runCommand } from '../../src/cli/terminal/cli-error.ts';
import { type WorkbenchOptions, workbench } from './workbench.ts';

const program = new Command('dev')
  .description(
    'Starts Temporal, RavenDB and a worker to try Shardlift with data of your own, and says what to type next. ' +
      'The data stays.',
  )
  .option('--directory <path>', 'where everything is kept', '.shardlift')
  .exitOverride()
  .action((options: WorkbenchOptions) => runCommand(() => workbench(options)));

await parseCommandLine(program);
