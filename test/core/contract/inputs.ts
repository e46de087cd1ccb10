/** An input of a migration, and what is wrong with one. */
import { parseMigrateDatabase } from '../../../src/core/contract/contract.ts';

/** The shortest input. */
export const SHORT = {
  source: { connection: 'prod', database: 'shop' },
  target: { connection: 'cluster', database: 'shop' },
};

export function problemOf(input: unknown): string {
  const parsed = parseMigrateDatabase(input);
  return parsed.ok ? 'no problem' : parsed.problem;
}
