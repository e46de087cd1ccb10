/** Takes long: eight migrations on servers of their own, each of which loses something that has to come back. */
import { describe } from 'vitest';
import { lostCutovers } from '../../support/scenarios/lost-cutover.ts';

describe('a cutover that loses something', () =>
  lostCutovers({
    cases: [
      ['RavenDB', 'prepareFence'],
      ['worker', 'holdFence'],
      ['RavenDB', 'fenceSource'],
      ['Temporal', 'drainFenced'],
      ['worker', 'verifyBehindFence'],
      ['terminate', 'switchOver'],
      ['cancel', 'flowBack'],
      ['RavenDB', 'endFence'],
    ],
  }));
