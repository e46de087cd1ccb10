/** Somebody who does what the pages say: what they print is run, with names and places of the test's own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { elsewhere } from '../../docs/run-elsewhere.ts';
import { printing, type RunningCommand } from '../servers/shardlift-cli.ts';
import { Migration, type Stack, until } from '../servers/stack.ts';
import { temporalDirectory } from '../servers/temporal-cli.ts';
import { blocksOf, filesIn, textOf } from './page.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PAGE = textOf('docs/tasks.md');
const [, ...sections] = PAGE.split(/^## \d+\. /m);
const WORKER = 'npm run worker';
/** What the page prints for the time of an export. */
const EXPORTED_AT = '2026-11-24T18-00-00';
const IDS = /\b(?:[a-z]+(?:-over)?-shop|import-backup)(?!-by-|[\w.])/g;

/** With Shardlift's command line, or with Temporal's alone. */
export type Way = 'shardlift' | 'temporal';

/** The databases of the page. */
interface Databases {
  Shop: string;
  ShopSharded: string;
  ShopCopy: string;
}

export class Reader {
  readonly #stack: Stack;
  readonly #way: Way;
  readonly #env: NodeJS.ProcessEnv;
  readonly #done = new Set<string>();
  #worker: ChildProcess | undefined;
  #goingOn: RunningCommand[] = [];
  #suffix = '';
  databases: Databases = { Shop: '', ShopSharded: '', ShopCopy: '' };
  /** In the place of what the page cannot know. */
  digest = '';
  exportedAt = '';
  backups = '';

  private constructor(stack: Stack, way: Way, env: NodeJS.ProcessEnv) {
    this.#stack = stack;
    this.#way = way;
    this.#env = env;
  }

  static async at(stack: Stack, way: Way): Promise<Reader> {
    const programs = join(stack.directory, 'programs');
    await mkdir(programs, { recursive: true });
    const shardlift = join(programs, 'shardlift');
    await writeFile(shardlift, `#!/bin/sh\nexec '${process.execPath}' '${ROOT}src/cli/main.ts' "$@"\n`);
    await chmod(shardlift, 0o755);
    const env = {
      ...stack.environment(),
      SHARDLIFT_CONNECTION_PROD_URLS: stack.addresses.ravendbUrl,
      SHARDLIFT_CONNECTION_NOWHERE_URLS: undefined,
      SHARDLIFT_HOST: 'migration-1',
      PATH: [programs, await temporalDirectory(), process.env.PATH].join(delimiter),
      FORCE_COLOR: undefined,
    };
    return new Reader(stack, way, env);
  }

  /** Begins with other databases, and other runs. */
  turnToOthers(): void {
    this.#suffix = randomUUID().slice(0, 8);
    const [Shop, ShopSharded, ShopCopy] = ['Shop', 'ShopSharded', 'ShopCopy'].map((name) =>
      this.#stack.databaseName(name),
    ) as [string, string, string];
    this.databases = { Shop, ShopSharded, ShopCopy };
  }

  /** The run that the commands of this way call so, such as `migrate-shop`. */
  run(printed: string): Migration {
    return new Migration(this.#stack.client.workflow.getHandle(this.#mine(printed)));
  }

  /** The migration of the page. */
  migration(): Migration {
    return this.run(this.#way === 'shardlift' ? 'migrate-Shop-to-ShopSharded' : 'migrate-shop');
  }

  /** Does what the page says for it to have a worker. */
  async startsWorker(): Promise<void> {
    // with a group of its own: npm does not tell its child that it was killed
    const child = spawn('npm', ['run', 'worker'], {
      cwd: ROOT,
      env: this.#env,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    this.#worker = child;
    let told = '';
    child.stderr.on('data', (chunk) => {
      told += chunk;
    });
    await until('the worker has started', async () => {
      if (child.exitCode !== null) throw new Error(told);
      return told.includes('Worker started');
    });
  }

  async losesWorker(): Promise<void> {
    const worker = this.#worker;
    if (worker?.pid === undefined) return;
    this.#worker = undefined;
    process.kill(-worker.pid, 'SIGKILL');
    await once(worker, 'exit');
  }

  /**
   * Runs the commands of a task in this way, in their order.
   * @param only of them, those that this fits
   * @returns what they print
   */
  async does(task: number, only = /./, way = this.#way): Promise<string> {
    await this.#writeFiles(PAGE);
    return await this.#typeAll(commandsOf(sectionOf(task), way).filter((each) => only.test(each)));
  }

  /** Runs the commands of another page in this way, or those that fit. @returns what they print */
  async follows(page: string, only = /./): Promise<string> {
    const text = textOf(page);
    await this.#writeFiles(text);
    return await this.#typeAll(commandsOf(text, this.#way).filter((each) => only.test(each)));
  }

  /** Waits for the commands that show a run until it ends. @returns their exit codes */
  async seesEnds(): Promise<(number | null)[]> {
    const ended = await Promise.all(this.#goingOn.map((each) => each.ended));
    this.#goingOn = [];
    return ended.map(({ code }) => code);
  }

  /** The commands of this way that were not run, and that nothing else runs. */
  left(): string[] {
    return sections
      .flatMap((section) => commandsOf(section, this.#way))
      .filter(
        (command) => !this.#done.has(command) && !elsewhere.some(({ commands }) => commands.test(command)),
      );
  }

  async close(): Promise<void> {
    for (const { child } of this.#goingOn) child.kill('SIGKILL');
    await this.losesWorker();
  }

  async #writeFiles(text: string): Promise<void> {
    for (const [name, json] of Object.entries(filesIn(text)))
      await writeFile(join(this.#stack.directory, name), this.#input(json));
  }

  async #typeAll(commands: string[]): Promise<string> {
    let printed = '';
    for (const command of commands) {
      this.#done.add(command);
      printed += await this.#type(command);
    }
    return printed;
  }

  async #type(command: string): Promise<string> {
    const mine = this.#mine(command);
    const options = { cwd: this.#stack.directory, env: this.#env };
    if (showsUntilTheEnd(command)) {
      const child = spawn('bash', ['-c', mine], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
      this.#goingOn.push(printing(child));
      return '';
    }
    const { stdout } = await promisify(execFile)('bash', ['-c', mine], options);
    return stdout;
  }

  #mine(text: string): string {
    return text
      .replaceAll('/backups/Shop', this.backups)
      .replaceAll(/\bShop(?:Sharded|Copy)?\b/g, (name) => this.databases[name as keyof Databases])
      .replaceAll(IDS, (id) => `${id}-${this.#suffix}`)
      .replaceAll('--task-queue shardlift', `--task-queue ${this.#stack.taskQueue}`)
      .replaceAll(EXPORTED_AT, this.exportedAt)
      .replaceAll('<digest>', this.digest);
  }

  /** With a window that is open. */
  #input(json: string): string {
    const input = JSON.parse(this.#mine(json));
    const hour = (later: number) => new Date(Date.now() + later * 3_600_000).toISOString().slice(11, 16);
    if (input.approval?.window) input.approval.window = { from: hour(-1), to: hour(2) };
    return JSON.stringify(input);
  }
}

/** The heading of a task, by its number. */
export function titleOf(task: number): string {
  const [heading = ''] = sectionOf(task).split('\n');
  return `${task}. ${heading}`;
}

function sectionOf(task: number): string {
  return sections[task - 1] ?? '';
}

/** What belongs to a task in one way: a block is of the program that it names. */
function commandsOf(section: string, way: Way): string[] {
  return blocksOf(section)
    .filter((block) => block.some((command) => command.startsWith('temporal ')) === (way === 'temporal'))
    .flat()
    .filter((command) => command !== WORKER && !command.startsWith('export '));
}

function showsUntilTheEnd(command: string): boolean {
  return /^shardlift (migrate|cut-over|watch) /.test(command) && !/ --(detach|rehearse)\b/.test(command);
}
