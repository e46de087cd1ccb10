/** The public contract of what only the cutover goes by. */
import { z } from 'zod';
import { duration, name } from './schemas.ts';

/** How writers are kept out of the source in the cutover. */
export const freezes = ['quiet', 'fence', 'hook'] as const;

const hookNames = z.array(name).max(20).default([]);

const hooksSchema = z
  .strictObject({
    stopWriters: hookNames.describe('With `freeze` `"hook"`: before the proof that nothing writes.'),
    beforeSwitch: hookNames.describe('When everything is proved: each may veto the switch.'),
    afterSwitch: hookNames.describe('When the target serves, or the old database after a roll-back.'),
    startWriters: hookNames.describe(
      'With `freeze` `"hook"`: after the switch, or when the freeze is undone.',
    ),
  })
  .prefault({});

/** What only the cutover goes by. */
export const cutover = {
  finalVerification: z
    .enum(['auto', 'full', 'changes'])
    .default('auto')
    .describe(
      'What is compared in the downtime: everything, or what changed since the last comparison of everything. `"auto"`: everything, unless that takes long.',
    ),
  freeze: z
    .enum(['auto', ...freezes])
    .default('auto')
    .describe(
      'How writers are kept out in the cutover: people stop them, RavenDB refuses them, or hooks stop them. `"auto"`: the plan chooses, and says why.',
    ),
  hooks: hooksSchema.describe("Names of hooks of the worker's configuration, by the moment, in order."),
  sourceAfterCutover: z
    .enum(['closed', 'open'])
    .default('closed')
    .describe('With `freeze` `"fence"`: whether the old database stays closed, or opens again.'),
  observeFor: duration('24h').describe(
    'With `freeze` `"fence"` and a source that stays closed: for how long the cutover can be rolled back.',
  ),
};

/** What a plan chooses where the input leaves it open. */
export interface ChosenFreeze {
  freeze: (typeof freezes)[number];
  /** Where the cutover cannot be taken back, no time for that. */
  observeFor?: string;
}
