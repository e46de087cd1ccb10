/** `npm run demo`: declares the options of the demo. */
import { Command, Option } from 'commander';
import { parseCommandLine, runCommand } from '../../src/cli/terminal/cli-error.ts';
import { copyMethods } from '../../src/core/contract/contract.ts';
import { type DemoOptions, demo } from './demo.ts';

const program = new Command('demo')
  .description(
    'Starts Temporal and RavenDB, or uses those of TEMPORAL_ADDRESS and SHARDLIFT_RAVENDB_URL, migrates sample ' +
      'data into a sharded database, and shows the result.',
  )
  .option('--yes', 'approve the cutover without asking')
  .option('--keep', 'leave everything running at the end until Ctrl-C')
  .option('--shards <n>', 'number of shards of the target', '3')
  .addOption(new Option('--method <method>', 'how documents are copied').choices(copyMethods))
  .option('--json', 'print JSON on stdout, one object a line')
  .exitOverride()
  .action((options: DemoOptions) => runCommand(() => demo(options)));

await parseCommandLine(program);
