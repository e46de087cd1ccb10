/** A real server that speaks S3 over a plain folder: Versity's gateway. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { untilReady } from '../../../dev/servers/ready.ts';
import type { Supervised } from '../../../dev/servers/supervised.ts';
import type { BucketSettings } from '../../../src/config/s3-buckets.ts';
import { type GoTool, startGoTool } from './go-tool.ts';

const TOOL: GoTool = {
  name: 'versitygw',
  version: '1.8.0',
  package: 'github.com/versity/versitygw/cmd/versitygw',
};
const ACCESS_KEY = 'AKIATEST';
const SECRET = 'a secret of tests';
const BUCKET = 'company-backups';

/** A running server with one bucket; it ends with this process. */
export class S3Server {
  readonly #directory: string;
  readonly #port: number;
  #server: Supervised;

  private constructor(directory: string, port: number, server: Supervised) {
    this.#directory = directory;
    this.#port = port;
    this.#server = server;
  }

  /** Starts one, compiling it first where the cache has none. @throws GoToolMissing */
  static async start(): Promise<S3Server> {
    const directory = await mkdtemp(join(tmpdir(), 'shardlift-s3-'));
    try {
      await mkdir(join(directory, BUCKET));
      const { server, port } = await launch(directory);
      return new S3Server(directory, port, server);
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** The folder that is the bucket: what is written there are objects. */
  get folder(): string {
    return join(this.#directory, BUCKET);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** How a worker reaches the bucket. */
  get settings(): BucketSettings {
    return { endpoint: this.url, bucket: BUCKET, accessKeyId: ACCESS_KEY, secretAccessKey: SECRET };
  }

  /** The same for the environment of a worker, which then knows the bucket by a name. */
  environment(name: string): NodeJS.ProcessEnv {
    const variable = `SHARDLIFT_BUCKET_${name.toUpperCase().replaceAll('-', '_')}`;
    return {
      [`${variable}_ENDPOINT`]: this.url,
      [`${variable}_BUCKET`]: BUCKET,
      [`${variable}_ACCESS_KEY_ID`]: ACCESS_KEY,
      [`${variable}_SECRET_ACCESS_KEY`]: SECRET,
    };
  }

  /** Writes an object. @returns its path on the disk */
  async put(key: string, content: string | Buffer): Promise<string> {
    const file = join(this.folder, key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  }

  /** Ends it in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.#server.kill();
  }

  /** Starts it again where it was, after {@link kill}. */
  async restart(): Promise<void> {
    this.#server = (await launch(this.#directory, this.#port)).server;
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Starts a server over a folder, and waits until it answers. */
async function launch(directory: string, at?: number): Promise<{ server: Supervised; port: number }> {
  // without metadata of its own, so that any file system will do and any file is an object
  const { server, port } = await startGoTool(
    TOOL,
    (free) => ['--quiet', '--port', `127.0.0.1:${free}`, 'posix', '--nometa', directory],
    { ...(at && { port: at }), env: { ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET } },
  );
  await untilReady(TOOL.name, server, () => fetch(`http://127.0.0.1:${port}/`));
  return { server, port };
}
