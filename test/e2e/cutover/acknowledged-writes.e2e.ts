/** Takes long: a source is written to in every way, there and back. */
import { describe } from 'vitest';
import { acknowledgedWrites } from '../../support/scenarios/acknowledged-writes.ts';

describe('a source that is written to in every way', () =>
  acknowledgedWrites({ rounds: 1, seconds: 1, load: { perSecond: 100, clusterPerSecond: 1 } }));
