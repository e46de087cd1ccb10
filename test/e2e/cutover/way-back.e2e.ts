import { describe } from 'vitest';
import { changes } from '../../support/data/changes.ts';
import { createEverything } from '../../support/data/everything.ts';
import { rolledBack } from '../../support/scenarios/way-back.ts';

/** What a sharded database refuses, and indexes, which do not flow back. */
const OTHERS = /^attachments renamed and moved$|index/;

describe('a cutover that is rolled back', () =>
  rolledBack({
    create: ({ raven, database }) => createEverything(raven, database, { plain: 200 }),
    change: async ({ raven, database }) => {
      for (const { name, apply } of changes) if (!OTHERS.test(name)) await apply(raven, database);
    },
  }));
