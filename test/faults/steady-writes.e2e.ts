import { describe } from 'vitest';
import { steadyWrites } from '../support/scenarios/steady-writes.ts';

describe('comparisons while four writers do what applications do', () => steadyWrites(10));
