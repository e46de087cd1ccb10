/** Takes long: servers of its own, which are slow at first. */
import { describe } from 'vitest';
import { workbench } from '../../support/scenarios/workbench.ts';

describe('a workbench', () => workbench({ isStartedAgain: false }));
