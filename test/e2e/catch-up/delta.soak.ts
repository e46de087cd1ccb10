import { describe } from 'vitest';
import { changesBeforeTheCutover } from '../../support/scenarios/delta.ts';

describe('what happens to a source between its copy and the cutover', () =>
  changesBeforeTheCutover(['while the approval is awaited', 'in the copy and after it']));
