import { describe } from 'vitest';
import { workbench } from '../../support/scenarios/workbench.ts';

describe('a workbench', () => workbench({ isStartedAgain: true }));
