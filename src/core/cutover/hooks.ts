/** Hooks: what a migration tells other programs at its cutover, and at a roll-back. */
import type { DatabaseRef } from '../contract/contract.ts';

/** The moments, in order. A hook before the switch may veto it; one after it is told what cannot be changed any more. */
export type HookMoment = 'stopWriters' | 'beforeSwitch' | 'afterSwitch' | 'startWriters';

/** One call of a hook. */
export interface HookCall {
  /** Its name in the configuration of the worker. */
  hook: string;
  moment: HookMoment;
  /** `back` in a roll-back. */
  direction: 'forward' | 'back';
  /** The database that served until now, and the one that serves from the switch on. */
  from: DatabaseRef;
  to: DatabaseRef;
}
