/** A configuration file that gets a new connection. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Document, parseDocument } from 'yaml';
import { type ConnectionSettings, loadSettings } from './config.ts';
import { ConfigError } from './config-error.ts';
import { placeOfFile } from './layers.ts';
import { connectionProblem } from './schema.ts';

/** A connection, without its password: that stays out of the file. */
export type NewConnection = Pick<ConnectionSettings, 'urls' | 'certificate' | 'ca'>;

const HEAD = ' The configuration of Shardlift. shardlift.example.yaml explains each key.';

/** The configuration file as it will be; nothing is written before `write`. */
export class ConfigDraft {
  readonly path: string;
  /** Whether there is no file yet. */
  readonly isNew: boolean;
  readonly #document: Document;

  /** @throws ConfigError when there is a file that cannot be used */
  constructor(environment: NodeJS.ProcessEnv = process.env, workingDirectory = process.cwd()) {
    this.path = placeOfFile(environment, workingDirectory).path;
    this.isNew = !existsSync(this.path);
    if (!this.isNew) loadSettings(environment, workingDirectory);
    this.#document = parseDocument(this.isNew ? '' : readFileSync(this.path, 'utf8'));
    if (this.isNew) this.#document.commentBefore = HEAD;
  }

  /** Whether the file names this connection. */
  has(name: string): boolean {
    return this.#document.hasIn(['connections', name]);
  }

  /** Sets a connection; the rest of the file stays, with its comments. @throws ConfigError when it cannot be used */
  setConnection(name: string, connection: NewConnection): void {
    const problem = connectionProblem(connection);
    if (problem !== undefined) throw new ConfigError(`Connection "${name}": ${problem}.`);
    this.#document.setIn(['connections', name], this.#document.createNode(connection));
  }

  setTaskQueue(name: string): void {
    this.#document.set('taskQueue', name);
  }

  /** @throws ConfigError when the file cannot be written */
  write(): void {
    try {
      writeFileSync(this.path, this.#document.toString({ lineWidth: 0 }));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new ConfigError(`The configuration file ${this.path} cannot be written (${code}).`);
    }
  }
}
