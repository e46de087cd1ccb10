import { describe } from 'vitest';
import { killedImports, MOMENTS } from '../../support/scenarios/kill-imports.ts';

const all = [...Array(MOMENTS).keys()];
const other = [0, 2, 3, 6, 9];

describe('an import of backups goes on after each death of its worker, on the same host', () =>
  killedImports({ sameHost: all, otherHost: [] }));

describe('an import of backups goes on after each death of its worker, on the same host or another', () =>
  killedImports({ sameHost: all.filter((moment) => !other.includes(moment)), otherHost: other }));
