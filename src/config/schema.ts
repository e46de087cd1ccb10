/** The form of a configuration, and how it is checked. */
import { z } from 'zod';
import { encryptionKeysSchema } from './encryption-keys.ts';
import { hooksSchema } from './hooks.ts';
import { bucketsSchema } from './s3-buckets.ts';
import { secret } from './secret.ts';

const url = z.url({
  protocol: /^https?$/,
  error: 'must be an address such as https://raven.example:443',
  abort: true,
});

const addresses = z
  .array(
    secret(
      url.refine((text) => new URL(text).pathname === '/', 'must have no path: RavenDB listens at the root'),
      (text) => new URL(text).origin,
    ),
  )
  .min(1)
  .refine(
    (urls) => new Set(urls.map((text) => new URL(text).protocol)).size <= 1,
    'must all be http or all https',
  );

/** One connection, as the file writes it. */
const connectionSchema = z.strictObject({
  urls: addresses,
  certificate: z.string().optional(),
  certificatePassword: secret(z.string()).optional(),
  ca: z.string().optional(),
  replicationUrls: addresses.optional(),
});

/** The whole file. */
export const fileSchema = z.strictObject({
  connections: z.record(z.string().min(1), connectionSchema).default({}),
  buckets: bucketsSchema,
  hooks: hooksSchema,
  taskQueue: z.string().min(1).optional(),
  host: z.string().min(1).optional(),
  dumpDirectory: z.string().min(1).optional(),
  reportDirectory: z.string().min(1).optional(),
  encryptionKeys: encryptionKeysSchema.default({}),
});

/** What a file says, checked. */
export type FileContent = z.output<typeof fileSchema>;

/** What is wrong with each field, in one line. */
export function issues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; ');
}

/** What is wrong with a connection, without any of its values; undefined when nothing is. */
export function connectionProblem(settings: unknown): string | undefined {
  const checked = connectionSchema.safeParse(settings);
  return checked.success ? undefined : issues(checked.error);
}
