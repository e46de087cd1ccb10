/** Named buckets in the worker's configuration. */
import { z } from 'zod';
import { secret } from './secret.ts';
import { type Given, nameOf, variableOf } from './variables.ts';

const text = z.string().min(1);

const parts = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://s3.example:9000', abort: true })
    .refine((address) => {
      const { username, password } = new URL(address);
      return username === '' && password === '';
    }, 'must not contain credentials: they belong in `accessKeyId` and `secretAccessKey`')
    .optional()
    .meta({
      description: "Address of a server with the S3 protocol; without it Amazon's for the region.",
      variable: 'SHARDLIFT_BUCKET_<NAME>_ENDPOINT',
    }),
  region: text
    .optional()
    .meta({ description: 'The region of the bucket.', variable: 'SHARDLIFT_BUCKET_<NAME>_REGION' }),
  bucket: text
    .refine((name) => !name.includes('/'), 'must be the name alone: folders belong in the path')
    .meta({ description: "The bucket's name on the server.", variable: 'SHARDLIFT_BUCKET_<NAME>_BUCKET' }),
  accessKeyId: secret(z.string().min(1)).optional().meta({
    description: 'With `secretAccessKey`; without both, credentials are found as the AWS CLI finds them.',
    variable: 'SHARDLIFT_BUCKET_<NAME>_ACCESS_KEY_ID',
  }),
  secretAccessKey: secret(z.string().min(1)).optional().meta({
    description: 'Better in the variable than in the file.',
    variable: 'SHARDLIFT_BUCKET_<NAME>_SECRET_ACCESS_KEY',
  }),
  forcePathStyle: z
    .boolean()
    .optional()
    .describe(
      'Puts the bucket into the path of an address, not into its host name. With `endpoint` it does.',
    ),
});

const bucketSchema = parts.refine(
  ({ accessKeyId, secretAccessKey }) => (accessKeyId === undefined) === (secretAccessKey === undefined),
  'needs both `accessKeyId` and `secretAccessKey`, or neither',
);

/** How to reach one bucket of a server that speaks S3. Stays in the worker: workflows know only the bucket's name. */
export type BucketSettings = z.output<typeof bucketSchema>;

/** A bucket in the file may be incomplete: the environment may add the rest. */
const draftSchema = parts.partial();
type Drafts = Record<string, z.output<typeof draftSchema>>;

export const bucketsSchema = z.record(z.string().min(1), draftSchema).default({});

const VARIABLE = /^SHARDLIFT_BUCKET_(.+)_(ENDPOINT|REGION|BUCKET|ACCESS_KEY_ID|SECRET_ACCESS_KEY)$/;

const PARTS = {
  ENDPOINT: 'endpoint',
  REGION: 'region',
  BUCKET: 'bucket',
  ACCESS_KEY_ID: 'accessKeyId',
  SECRET_ACCESS_KEY: 'secretAccessKey',
} as const;

/**
 * What the environment gives of buckets: `SHARDLIFT_BUCKET_<NAME>_ENDPOINT`, `_REGION`, `_BUCKET`, `_ACCESS_KEY_ID` and
 * `_SECRET_ACCESS_KEY` set the bucket `<name>` (lower case, `_` for `-`).
 */
export function givenBuckets(fromFile: Drafts, env: NodeJS.ProcessEnv): Given[] {
  return Object.entries(env).flatMap(([variable, value]) => {
    const [, part, what] = VARIABLE.exec(variable) ?? [];
    if (!part) return [];
    const name = nameOf(part, Object.keys(fromFile));
    return [{ variable, key: ['buckets', name, PARTS[what as keyof typeof PARTS]], value }];
  });
}

/** One sentence about the first bucket that cannot be used; it quotes no value. */
export function bucketProblem(buckets: Drafts): string | undefined {
  for (const [name, settings] of Object.entries(buckets)) {
    const checked = bucketSchema.safeParse(settings);
    if (checked.success) continue;
    const issues = checked.error.issues.map(({ path, message }) =>
      path.length > 0 ? `${path.join('.')}: ${message}` : message,
    );
    return (
      `Bucket "${name}": ${issues.join('; ')}. It comes from shardlift.yaml or ${variableOf('BUCKET', name)}_BUCKET ` +
      'and the variables like it.'
    );
  }
  return undefined;
}
