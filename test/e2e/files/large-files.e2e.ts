import { describe } from 'vitest';
import { largeFiles } from '../../support/scenarios/large-files.ts';

describe('the memory of a worker stays flat', () => largeFiles({ files: 12, attachments: 16 }));
