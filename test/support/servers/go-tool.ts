/** Real servers for tests that are compiled from the Go module proxy, once, into the cache of the other servers. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheDirectory, exists, installOnce } from '../../../dev/servers/cache.ts';
import { freePorts } from '../../../dev/servers/ports.ts';
import { type Supervised, supervise } from '../../../dev/servers/supervised.ts';
import { goInstall, toolRunner } from '../../../dev/servers/tool.ts';

/** A program written in Go, at a version that never changes. */
export interface GoTool {
  /** What messages and the cache call it. */
  name: string;
  version: string;
  /** The package of its command; the executable has the name of the last part. */
  package: string;
}

/** A tool is not there and cannot be had; the message says why. A test that needs it is skipped with it. */
export class GoToolMissing extends Error {
  override readonly name = 'GoToolMissing';
}

/** The path of its executable, compiled first where the cache has none. @throws GoToolMissing */
async function locateGoTool(tool: GoTool): Promise<string> {
  const entry = `${tool.name}-${tool.version}`;
  const executable = path.posix.basename(tool.package);
  const cached = path.join(cacheDirectory(), entry, executable);
  if (await exists(cached)) return cached;
  const note = (message: string) => process.stderr.write(`${tool.name}: ${message}\n`);
  try {
    const fetch = goInstall(`${tool.package}@v${tool.version}`);
    const build = (directory: string) => fetch(toolRunner(directory, note), directory);
    return path.join(await installOnce(entry, build, { note }), executable);
  } catch (error) {
    throw new GoToolMissing(
      `${tool.name} ${tool.version} cannot be compiled: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/**
 * Starts a tool; it ends with this process.
 * @param args by the port of 127.0.0.1 on which it shall listen
 * @param options with `port`, where it shall listen in place of any free port
 */
export async function startGoTool(
  tool: GoTool,
  args: (port: number) => string[],
  options: { port?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<{ server: Supervised; port: number }> {
  const command = await locateGoTool(tool);
  const [port = 0] = await freePorts(options.port);
  const scratch = await mkdtemp(path.join(tmpdir(), `shardlift-${tool.name}-`));
  const launch = { command, args: args(port), ...(options.env && { env: options.env }) };
  return { server: await supervise(launch, path.join(scratch, 'server.log'), scratch), port };
}
