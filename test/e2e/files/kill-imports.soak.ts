import { describe } from 'vitest';
import { killedImports, MOMENTS } from '../../support/scenarios/kill-imports.ts';

describe('an import of backups goes on after each death of its worker', () =>
  killedImports({ sameHost: [...Array(MOMENTS).keys()], otherHost: [0, 2, 3, 6, 9] }));
