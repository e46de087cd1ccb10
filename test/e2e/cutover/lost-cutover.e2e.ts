/** Takes long: eight migrations on servers of their own, each of which loses something that has to come back. */
import { describe } from 'vitest';
import { lostCutovers } from '../../support/scenarios/lost-cutover.ts';

describe('a cutover that loses something', () =>
  lostCutovers({
    // each that is done is gone: a server that starts last has the fewest databases to load
    cases: [
      ['worker', 'holdFence'],
      ['Temporal', 'drainFenced'],
      ['worker', 'verifyBehindFence'],
      ['terminate', 'switchOver'],
      ['cancel', 'flowBack'],
      ['RavenDB', 'prepareFence'],
      ['RavenDB', 'fenceSource'],
      ['RavenDB', 'endFence'],
    ],
  }));
