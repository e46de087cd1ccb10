import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A shared framework of .NET, as `Raven.Server.runtimeconfig.json` asks for it. */
export type Framework = { name: string; version: string };

/**
 * Throws the reason if the `dotnet` on PATH cannot run a program that needs these frameworks. The major version must be
 * the same: RavenDB 7.1 starts on .NET 9 but cannot create databases there (see `useHttpClientHandler`).
 */
export async function checkDotnetOnPath(needed: Framework[]): Promise<void> {
  const listed = await promisify(execFile)('dotnet', ['--list-runtimes']).catch(() => {
    throw new Error('dotnet is not on PATH');
  });
  const missing = missingFrameworks(listed.stdout, needed);
  if (missing.length > 0) throw new Error(`dotnet on PATH has no ${missing.join(' and no ')}`);
}

/** The needed frameworks that the output of `dotnet --list-runtimes` does not list, as `name version`. */
export function missingFrameworks(listed: string, needed: Framework[]): string[] {
  const found = listed.split('\n').map((line) => line.split(' '));
  return needed
    .filter(({ name, version }) => !found.some((has) => has[0] === name && serves(has[1] ?? '', version)))
    .map(({ name, version }) => `${name} ${version}`);
}

function serves(found: string, needed: string): boolean {
  const [major = 0, minor = 0, patch = 0] = numbers(found);
  const [neededMajor = 0, neededMinor = 0, neededPatch = 0] = numbers(needed);
  if (major !== neededMajor) return false;
  return minor > neededMinor || (minor === neededMinor && patch >= neededPatch);
}

function numbers(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10));
}
