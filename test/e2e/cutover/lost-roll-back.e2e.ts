/** Takes long: roll-backs on servers of their own, each of which loses something that has to come back. */
import { describe } from 'vitest';
import { lostRollBacks } from '../../support/scenarios/lost-roll-back.ts';

describe('a roll-back that is lost', () =>
  lostRollBacks({
    ended: [
      ['cancel', 'drainBack'],
      ['terminate', 'finishRollBack'],
    ],
    both: ['switchBack'],
    killed: [
      ['worker', 'fenceSource'],
      ['Temporal', 'switchBack'],
      ['RavenDB', 'drainBack'],
    ],
  }));
