import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { dotnetFromNpm } from '../../../dev/servers/dotnet-from-npm.ts';
import { missingFrameworks } from '../../../dev/servers/dotnet-on-path.ts';
import type { Tool } from '../../../dev/servers/tool.ts';

const NEEDED = [
  { name: 'Microsoft.NETCore.App', version: '8.0.22' },
  { name: 'Microsoft.AspNetCore.App', version: '8.0.22' },
];

function listing(netCore: string, aspNet: string): string {
  return [
    `Microsoft.AspNetCore.App ${aspNet} [/usr/share/dotnet/shared/Microsoft.AspNetCore.App]`,
    `Microsoft.NETCore.App ${netCore} [/usr/share/dotnet/shared/Microsoft.NETCore.App]`,
    '',
  ].join('\n');
}

describe('missingFrameworks', () => {
  test('the same version and later ones of the same major version serve', () => {
    expect(missingFrameworks(listing('8.0.22', '8.0.22'), NEEDED)).toEqual([]);
    expect(missingFrameworks(listing('8.0.100', '8.1.0'), NEEDED)).toEqual([]);
  });

  test('earlier ones and other major versions do not', () => {
    expect(missingFrameworks(listing('8.0.9', '9.0.30'), NEEDED)).toEqual([
      'Microsoft.NETCore.App 8.0.22',
      'Microsoft.AspNetCore.App 8.0.22',
    ]);
  });

  test('ASP.NET is needed too', () => {
    const listed = 'Microsoft.NETCore.App 8.0.22 [/usr/share/dotnet/shared/Microsoft.NETCore.App]\n';
    expect(missingFrameworks(listed, NEEDED)).toEqual(['Microsoft.AspNetCore.App 8.0.22']);
  });
});

test('a .NET package with other content is refused before anything of it is unpacked', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'shardlift-dotnet-'));
  const ran: string[] = [];
  const run = async ({ command, args }: Tool) => {
    ran.push(command);
    await writeFile(path.join(args.at(-1) ?? '', 'package.tgz'), 'something else');
  };
  try {
    const build = dotnetFromNpm(run, directory, path.join(directory, 'Raven.Server'));
    await expect(build).rejects.toThrow(/has the hash sha512-.+, expected sha512-LvbFjxK3/);
    expect(ran).toEqual(['npm']);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
