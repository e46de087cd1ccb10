/** Takes long: a whole migration between two versions, there and back, and then what files and definitions add to that. */
import { beforeAll, describe } from 'vitest';
import { betweenVersions } from '../../support/scenarios/between-versions.ts';
import { definitionsBetweenVersions } from '../../support/scenarios/definitions-between-versions.ts';
import { filesBetweenVersions } from '../../support/scenarios/files-between-versions.ts';
import { twoVersions } from '../../support/servers/two-versions.ts';

describe('a source that is older than sharding', () => {
  const versions = { from: '5.4.207', into: '7.1.5' } as const;
  const both = twoVersions(versions);
  betweenVersions(versions, both, 'stream');

  describe('with a worker that lives', () => {
    beforeAll(async () => void (await both().startWorker()));
    filesBetweenVersions(both);
    definitionsBetweenVersions(both, {
      refused: {
        'Orders/UnknownKey': {
          definition: {
            Maps: ['from o in docs.Orders select new { o.Name }'],
            Configuration: { 'Indexing.NotThere': '1' },
          },
          why: 'Indexing\\.NotThere.*not recognized',
        },
      },
      setting: { key: 'Indexing.Corax.IncludeDocumentScore', value: 'maybe' },
    });
  });
});
