/** The public contract of what an approval takes: who, how many, until when, and at which time of day. */
import { z } from 'zod';
import { durationText, name } from './schemas.ts';

/** Days of the week, as `Date` counts them in UTC. */
export const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day in UTC such as "22:00"')
  .meta({ title: 'time of day in UTC' });

const windowSchema = z
  .strictObject({
    from: timeOfDay.describe('When it opens.'),
    to: timeOfDay.describe('When it closes: on the next day where that is before `from`.'),
    days: z
      .array(z.enum(days))
      .min(1)
      .default([...days])
      .describe('Days on which it opens.'),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: 'must be another time than from' });

/** The times at which a cutover may begin, in UTC. */
export type Window = z.output<typeof windowSchema>;

/** The field `approval`. */
export const approvalRulesSchema = z
  .strictObject({
    approvers: z
      .array(name)
      .max(50)
      .default([])
      .describe('Who may approve, by what they call themselves in `by`; empty for anybody.'),
    people: z.int().min(1).max(10).default(1).describe('How many different people have to approve.'),
    expiresAfter: durationText
      .nullable()
      .default(null)
      .describe('For how long an approval holds while it waits for another person, or for the window.'),
    window: windowSchema.nullable().default(null).describe('The times at which a cutover may begin.'),
  })
  .prefault({})
  .refine(
    ({ approvers, people }) => approvers.length === 0 || people <= new Set(approvers.map(samePerson)).size,
    {
      path: ['people'],
      error: 'must be at most the number of different approvers',
    },
  );

/** What an approval of a cutover takes. */
export type ApprovalRules = z.output<typeof approvalRulesSchema>;

/** What is equal for two ways to write the name of one person. */
export function samePerson(by: string): string {
  return by.trim().toLowerCase();
}
