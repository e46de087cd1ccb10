import { beforeAll, describe } from 'vitest';
import type { RavenDbVersion } from '../../../dev/servers/versions.ts';
import { betweenVersions } from '../../support/scenarios/between-versions.ts';
import { definitionsBetweenVersions } from '../../support/scenarios/definitions-between-versions.ts';
import { filesBetweenVersions } from '../../support/scenarios/files-between-versions.ts';
import { twoVersions } from '../../support/servers/two-versions.ts';

const SOURCES: RavenDbVersion[] = ['5.4.207', '6.2.4', '7.0.2', '7.1.5'];
const TARGETS: RavenDbVersion[] = ['6.2.4', '7.0.2', '7.1.5'];

for (const from of SOURCES)
  for (const into of TARGETS) {
    const versions = { from, into };
    describe(`${from} to ${into}`, () => {
      const both = twoVersions(versions);
      for (const method of ['stream', 'dump', 'backup'] as const)
        describe(`by ${method}`, () => betweenVersions(versions, both, method));
      describe('by files', () => {
        beforeAll(async () => void (await both().startWorker()));
        filesBetweenVersions(both);
      });
    });
  }

describe('a target that is older than its source', () => {
  const both = twoVersions({ from: '7.1.5', into: '6.2.4' });
  beforeAll(async () => void (await both().startWorker()));
  const corax = { 'Indexing.Static.SearchEngineType': 'Corax' };
  definitionsBetweenVersions(both, {
    refused: {
      'Orders/Vector': {
        definition: {
          Maps: ['from o in docs.Orders select new { Vector = CreateVector(o.Vector) }'],
          Configuration: corax,
        },
        why: "error CS0103: The name 'CreateVector' does not exist",
      },
      'Orders/Script': {
        definition: { Maps: ["map('Orders', o => ({ Length: o.Name?.length }))"] },
        why: 'ChainExpression',
      },
      'Orders/UnknownKey': {
        definition: {
          Maps: ['from o in docs.Orders select new { o.Name }'],
          Configuration: { ...corax, 'Indexing.Corax.VectorSearch.DefaultNumberOfEdges': '12' },
        },
        why: 'not recognized',
      },
    },
  });
});
