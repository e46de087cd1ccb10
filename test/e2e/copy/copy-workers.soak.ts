import { describe } from 'vitest';
import { copyOnTwoWorkers } from '../../support/scenarios/copy-workers.ts';

/** With pieces and parts as they are by default. */
const env = { SHARDLIFT_TUNING: undefined };

describe('a migration of a million documents on two workers', () =>
  copyOnTwoWorkers({ items: 1_000_000, pieces: 10, env }));
