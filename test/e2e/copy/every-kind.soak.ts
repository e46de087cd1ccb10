import { describe } from 'vitest';
import { everyKind } from '../../support/scenarios/every-kind.ts';

describe('a source that holds every kind of item', () =>
  everyKind([
    { method: 'stream', shards: 1 },
    { method: 'stream', shards: 5 },
  ]));
