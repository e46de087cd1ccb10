import { describe } from 'vitest';
import { everyKind } from '../../support/scenarios/every-kind.ts';

describe('a source that holds every kind of item', () =>
  everyKind([
    { method: 'dump', shards: 5 },
    { method: 'stream', shards: 3, prefixed: true },
  ]));
