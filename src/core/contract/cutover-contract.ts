/** The public contract of what only the cutover goes by. */
import { z } from 'zod';
import { duration, name } from './schemas.ts';

/** How writers are kept out of the source in the cutover. */
export const freezes = ['quiet', 'fence', 'hook'] as const;

const hookNames = z.array(name).max(20).default([]);

const hooksSchema = z
  .strictObject({
    stopWriters: hookNames,
    beforeSwitch: hookNames,
    afterSwitch: hookNames,
    startWriters: hookNames,
  })
  .prefault({});

/** What only the cutover goes by. */
export const cutover = {
  /**
   * What is compared in the downtime: everything again, or what changed since the last full comparison. `auto`
   * compares everything unless that takes long.
   */
  finalVerification: z.enum(['auto', 'full', 'changes']).default('auto'),
  /**
   * How writers are kept out in the cutover: people stop them, or hooks do, which is proved; or RavenDB refuses them. By
   * default hooks do where the input names some, else RavenDB where it can, else people: the plan says which.
   */
  freeze: z.enum(['auto', ...freezes]).default('auto'),
  /** Names of hooks of the worker, by the moment at which they are called, in order. */
  hooks: hooksSchema,
  /** With `fence`: whether the old database stays closed under its name, or opens again. */
  sourceAfterCutover: z.enum(['closed', 'open']).default('closed'),
  /**
   * With `fence` and a source that stays closed: for how long what changes on the target flows back into it, so that the
   * cutover can be rolled back.
   */
  observeFor: duration('24h'),
};

/** What a plan chooses where the input leaves it open. */
export interface ChosenFreeze {
  freeze: (typeof freezes)[number];
  /** Where the cutover cannot be taken back, no time for that. */
  observeFor?: string;
}
