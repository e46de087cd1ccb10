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
  urls: addresses.meta({
    description: 'One address for each node; the first that answers is used. In the variable with commas.',
    variable: 'SHARDLIFT_CONNECTION_<NAME>_URLS',
  }),
  certificate: z.string().optional().meta({
    description: 'Path of a client certificate: `.pfx`, or `.pem` with certificate and key.',
    variable: 'SHARDLIFT_CONNECTION_<NAME>_CERTIFICATE',
  }),
  certificatePassword: secret(z.string()).optional().meta({
    description: 'The password of a `.pfx`; better in the variable than in the file.',
    variable: 'SHARDLIFT_CONNECTION_<NAME>_CERTIFICATE_PASSWORD',
  }),
  ca: z.string().optional().meta({
    description: "Path of a PEM file with the authority that signed the server's certificate.",
    variable: 'SHARDLIFT_CONNECTION_<NAME>_CA',
  }),
  replicationUrls: addresses.optional().meta({
    description: 'Addresses at which other RavenDB servers reach this one, if they cannot use `urls`.',
    variable: 'SHARDLIFT_CONNECTION_<NAME>_REPLICATION_URLS',
  }),
});

/** How to reach one RavenDB server or cluster. Stays in the worker: workflows know only the connection's name. */
export type ConnectionSettings = z.output<typeof connectionSchema>;

/** The whole file. The variable of an entry overrides it; docs/reference.md is written from both. */
export const fileSchema = z.strictObject({
  connections: z.record(z.string().min(1), connectionSchema).default({}),
  buckets: bucketsSchema,
  hooks: hooksSchema,
  taskQueue: z.string().min(1).optional().meta({
    description: "Temporal's task queue. Workers and commands must use the same.",
    variable: 'SHARDLIFT_TASK_QUEUE',
  }),
  host: z.string().min(1).optional().meta({
    description:
      "The name of the worker's host; it must survive restarts, and no two hosts may have the same.",
    variable: 'SHARDLIFT_HOST',
  }),
  dumpDirectory: z.string().min(1).optional().meta({
    description: 'Where dumps are written, and what a copy keeps on the disk for a while.',
    variable: 'SHARDLIFT_DUMP_DIRECTORY',
  }),
  reportDirectory: z.string().min(1).optional().meta({
    description: 'Where reports are written.',
    variable: 'SHARDLIFT_REPORT_DIRECTORY',
  }),
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
