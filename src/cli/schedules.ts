/** `shardlift schedule ...`: runs at regular times. */
import type { Command } from 'commander';
import type { ScheduleAction, ScheduleOptions } from './commands/schedule.ts';
import { declareEach } from './jobs.ts';
import { type Help, json, run, withHelp, withInput } from './options.ts';

const ACTIONS: Record<ScheduleAction, Pick<Help, 'summary' | 'description'>> = {
  describe: {
    summary: 'show a schedule, its next and its last runs',
    description: 'Shows what a schedule starts and when, and what its last runs were.',
  },
  pause: {
    summary: 'start no more runs until it is resumed',
    description: 'Pauses a schedule: it starts no more runs until it is resumed. A run in progress goes on.',
  },
  resume: { summary: 'start runs again', description: 'Lets a paused schedule start runs again.' },
  trigger: {
    summary: 'start a run now',
    description: 'Starts a run of a schedule now, unless one is in progress.',
  },
  delete: {
    summary: 'delete a schedule; runs that it started go on',
    description: 'Deletes a schedule. Runs that it started go on.',
  },
};

/** Declares the commands. */
export function declareSchedules(program: Command): void {
  const schedule = program
    .command('schedule')
    .helpCommand(false)
    .summary('start runs at regular times')
    .description('Schedules of Temporal. While a run of one is in progress, its next one is skipped.');
  const create = schedule
    .command('create')
    .helpCommand(false)
    .summary('create a schedule')
    .description('Creates a schedule that starts runs of one kind.');
  const helpOf = ({ summary, description, examples }: Help): Help => ({
    summary,
    description: `Creates a schedule for this: ${description}`,
    examples: examples.slice(0, 1).map((each) => `schedule create ${each} --id nightly --cron "0 2 * * *"`),
  });
  declareEach(create, helpOf, (command, name) => {
    withInput(command)
      .requiredOption('--id <id>', 'the id of the schedule; the ids of its runs begin with it')
      .option('--every <duration>', 'how often a run starts, such as 30m or 1d')
      .option('--cron <expression>', 'or when, such as "0 2 * * *" (UTC)')
      .option('--paused', 'create it paused')
      .addOption(json())
      .action((options: ScheduleOptions) =>
        run(async () => (await import('./commands/schedule.ts')).scheduleJob(name, options)),
      );
  });
  withHelp(schedule.command('list'), {
    summary: 'list schedules',
    description: 'Lists the schedules that start runs of Shardlift, each with its next start.',
    examples: ['schedule list'],
  })
    .addOption(json())
    .action((options: { json?: boolean }) =>
      run(async () => (await import('./commands/schedule.ts')).schedules(options)),
    );
  for (const [action, help] of Object.entries(ACTIONS) as [
    ScheduleAction,
    (typeof ACTIONS)[ScheduleAction],
  ][]) {
    const examples = [`schedule ${action} nightly`];
    const command = withHelp(schedule.command(action), { ...help, examples })
      .argument('<id>')
      .addOption(json());
    if (action === 'pause' || action === 'resume') command.option('--note <text>', 'why');
    command.action((id: string, options: { note?: string; json?: boolean }) =>
      run(async () => (await import('./commands/schedule.ts')).actOnSchedule(action, id, options)),
    );
  }
}
