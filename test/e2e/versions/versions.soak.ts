import { describe } from 'vitest';
import type { RavenDbVersion } from '../../../dev/servers/versions.ts';
import { betweenVersions } from '../../support/scenarios/between-versions.ts';

const SOURCES: RavenDbVersion[] = ['5.4.207', '6.2.4', '7.0.2', '7.1.5'];
const TARGETS: RavenDbVersion[] = ['6.2.4', '7.0.2', '7.1.5'];

for (const from of SOURCES)
  for (const into of TARGETS)
    describe.each(['stream', 'dump'] as const)(`${from} to ${into} by %s`, (method) =>
      betweenVersions({
        from,
        into,
        input: { method },
      }),
    );
