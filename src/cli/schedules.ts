/** `shardlift schedule ...`: runs at regular times. */
import type { Command } from 'commander';
import type { ScheduleAction, ScheduleOptions } from './commands/schedule.ts';
import { declareEach } from './jobs.ts';
import { json, run, withInput } from './options.ts';

const ACTIONS: Record<ScheduleAction, string> = {
  describe: 'show a schedule, its next and its last runs',
  pause: 'start no more runs until it is resumed',
  resume: 'start runs again',
  trigger: 'start a run now',
  delete: 'delete a schedule; runs that it started go on',
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
  declareEach(create, (command, name) => {
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
  schedule
    .command('list')
    .description('list the schedules that start runs of Shardlift')
    .addOption(json())
    .action((options: { json?: boolean }) =>
      run(async () => (await import('./commands/schedule.ts')).schedules(options)),
    );
  for (const [action, description] of Object.entries(ACTIONS) as [ScheduleAction, string][]) {
    const command = schedule.command(action).argument('<id>').description(description).addOption(json());
    if (action === 'pause' || action === 'resume') command.option('--note <text>', 'why');
    command.action((id: string, options: { note?: string; json?: boolean }) =>
      run(async () => (await import('./commands/schedule.ts')).actOnSchedule(action, id, options)),
    );
  }
}
