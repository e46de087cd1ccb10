import { describe } from 'vitest';
import { betweenVersions } from '../../support/scenarios/between-versions.ts';

describe('a source that is older than sharding', () => betweenVersions({ from: '5.4.207', into: '7.1.5' }));
