import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Difference } from '../../../src/core/compare/verification.ts';
import { differenceSchema, lastHeartbeat } from '../../../src/engine/work/last-heartbeat.ts';
import type { Work } from '../../../src/engine/work/work.ts';

const left = (heartbeat: unknown) => ({ lastHeartbeat: heartbeat }) as Work;
const schema = z.object({ next: z.number() });

describe('the heartbeat of the attempt before', () => {
  test('is where this one goes on', () => {
    expect(lastHeartbeat(left({ next: 7 }), schema)).toEqual({ next: 7 });
  });

  test.each([undefined, null, 7, [], {}, { next: '7' }, { nextItem: 7 }])(
    'of another form, %j, counts as none',
    (other) => {
      expect(lastHeartbeat(left(other), schema)).toBeUndefined();
    },
  );

  test('may hold differences', () => {
    const differences: Difference[] = [
      { kind: 'document', id: 'a', what: 'is missing on the target', shard: 1, etag: 7 },
      { kind: 'index', id: 'b', what: 'differs' },
    ];
    expect(lastHeartbeat(left(differences), z.array(differenceSchema))).toEqual(differences);
    expect(lastHeartbeat(left([{ id: 'a' }]), z.array(differenceSchema))).toBeUndefined();
  });
});
