/*
 * Installs an entry whose build takes a while: `install CACHE BUILD_MS`. Prints `building PID` when it builds, then
 * the content of the entry.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installOnce } from '../../../../dev/servers/cache.ts';

const [cache = '', buildMs] = process.argv.slice(2);

const entry = await installOnce(
  'thing',
  async (directory) => {
    process.stdout.write(`building ${process.pid}\n`);
    const result = path.join(directory, 'result');
    await mkdir(result);
    await writeFile(path.join(result, 'first'), 'half');
    await sleep(Number(buildMs));
    await writeFile(path.join(result, 'second'), `whole, by ${process.pid}`);
    return result;
  },
  { cache },
);
process.stdout.write(`${await readFile(path.join(entry, 'second'), 'utf8')}\n`);
