import {
  drainFenced,
  endFence,
  fenceSource,
  prepareFence,
  switchOver,
  undoFence,
  verifyBehindFence,
} from '../engine/cutover/cut-over.ts';
import { flowBack } from '../engine/cutover/flow-back.ts';
import { runHook } from '../engine/cutover/hooks.ts';
import { findLateWrites, watchLateWrites } from '../engine/cutover/late-writes.ts';
import { leftToDo } from '../engine/cutover/left-to-do.ts';
import { assertSourceUnchanged, proveQuiet } from '../engine/cutover/quiet.ts';
import {
  drainBack,
  endRollBack,
  finishRollBack,
  prepareRollBack,
  removeCarrier,
  switchBack,
} from '../engine/cutover/roll-back.ts';

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
  flowBack,
  runHook,
  prepareRollBack,
  drainBack,
  switchBack,
  finishRollBack,
  endRollBack,
  removeCarrier,
  watchLateWrites,
  findLateWrites,
  leftToDo,
};
