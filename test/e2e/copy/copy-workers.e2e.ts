import { describe } from 'vitest';
import { copyOnTwoWorkers } from '../../support/scenarios/copy-workers.ts';
import { tuningVariable } from '../../support/servers/tuning.ts';

const SIZE = 2_000;
const env = tuningVariable({ copy: { itemsPerPiece: SIZE }, compare: { itemsPerPart: SIZE } });

describe('a migration on two workers', () => copyOnTwoWorkers({ items: 6 * SIZE, pieces: 6, env }));
