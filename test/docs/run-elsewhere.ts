/** The commands of README and docs that no task has: what runs them instead, or why nothing does. */

/** Some commands. */
interface Elsewhere {
  commands: RegExp;
  /** The test that runs them, or what comes next to them. */
  by?: string;
  /** Why they are not run as they are printed. */
  why?: string;
}

export const elsewhere: Elsewhere[] = [
  { commands: /^npm (ci|test)$/, why: 'They have been run before any test runs.' },
  { commands: /^npm run demo$/, by: 'test/e2e/dev/demo.e2e.ts' },
  { commands: /^npm run dev$/, by: 'test/e2e/dev/workbench.e2e.ts' },
  {
    commands: /^export \w+=/,
    why: "The addresses are the reader's own; a test sets the same variables to its servers.",
  },
  {
    commands: /^(docker compose |cp \.env\.example )/,
    by: 'test/deploy/compose.test.ts',
    why: 'No container engine: the file is checked, and the commands of its containers are run without it.',
  },
  {
    commands: /^npm run bench:\w+ -- /,
    by: 'test/scripts/bench.test.ts',
    why: 'They measure for minutes; what they make of it is tested.',
  },
  {
    commands: /replicateDatabase|replicate-shop|--method replication/,
    by: 'test/e2e/replication/replication-run.e2e.ts',
    why: 'Needs a license with external replication: a test has a stand-in for it.',
  },
  {
    commands: /--method (stream|dump)$|migrate-shop-by-(dump|backup)\.json/,
    by: 'test/e2e/docs/methods.soak.ts',
  },
  {
    commands: /^temporal (activity|workflow (reset|cancel|terminate)) /,
    by: 'test/e2e/docs/temporal-operations.e2e.ts',
  },
  { commands: /^temporal workflow signal -w migrate-shop /, by: 'test/e2e/cli/temporal-page.e2e.ts' },
  { commands: /^temporal workflow list --query ".*Shardlift/, by: 'test/e2e/cli/temporal-page.e2e.ts' },
  { commands: /^shardlift init\b/, by: 'test/cli/commands/init.test.ts' },
  { commands: /^shardlift config\b/, by: 'test/cli/commands/config.test.ts' },
  {
    commands: /^temporal schedule \w+ --schedule-id verify-shop/,
    by: 'test/e2e/verify/verify-commands.e2e.ts',
  },
];
