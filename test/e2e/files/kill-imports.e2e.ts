/** Takes long: an import of many backups, whose worker dies again and again. */
import { describe } from 'vitest';
import { killedImports } from '../../support/scenarios/kill-imports.ts';

describe('an import of backups goes on after each death of its worker', () =>
  // within the full backup, in the deletions of a file and in its items
  killedImports({ sameHost: [0, 2, 7], otherHost: [6] }));
