import {
  drainFenced,
  endFence,
  fenceSource,
  prepareFence,
  switchOver,
  undoFence,
  verifyBehindFence,
} from '../engine/cutover/cut-over.ts';
import { assertSourceUnchanged, proveQuiet } from '../engine/cutover/quiet.ts';

/** Keeping writers out of the source, or proving that there are none. */
export const cutoverActivities = {
  proveQuiet,
  assertSourceUnchanged,
  prepareFence,
  fenceSource,
  drainFenced,
  verifyBehindFence,
  switchOver,
  undoFence,
  endFence,
};
