import { describe } from 'vitest';
import { changes } from '../../support/data/changes.ts';
import { createEverything } from '../../support/data/everything.ts';
import { moveBucketOf } from '../../support/data/resharding.ts';
import { rolledBack } from '../../support/scenarios/way-back.ts';

/** What a sharded database refuses, and indexes, which do not flow back. */
const OTHERS = /^attachments renamed and moved$|index/;

describe('a cutover that is rolled back', () =>
  rolledBack({
    create: ({ raven, database }) => createEverything(raven, database, { plain: 200 }),
    change: async (target) => {
      const { raven, database } = target;
      for (const { name, apply } of changes) if (!OTHERS.test(name)) await apply(raven, database);
      for (const id of ['plain/5', 'shared/0']) await moveBucketOf(target, id);
    },
  }));
