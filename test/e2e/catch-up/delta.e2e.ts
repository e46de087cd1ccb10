/** Takes long: everything that can happen to a source happens between copy and cutover. */
import { describe } from 'vitest';
import { changesBeforeTheCutover } from '../../support/scenarios/delta.ts';

describe('what happens to a source between its copy and the cutover', () =>
  changesBeforeTheCutover(['the whole time']));
