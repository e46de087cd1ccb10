import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Instructions of the Dockerfile, continued lines joined. */
const instructions = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter(Boolean);
/** Those of the image that runs. */
const final = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));

function read(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
}

/** What follows an instruction, for each time that it stands there. */
function all(lines: string[], instruction: string): string[] {
  return lines
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1));
}

describe('the Dockerfile', () => {
  it('builds and runs on one pinned Node with glibc', () => {
    expect(all(instructions, 'ARG')).toEqual([expect.stringMatching(/^NODE_IMAGE=node:24\.\d+-\w+-slim$/)]);
    expect(new Set(all(instructions, 'FROM').map((line) => line.split(' ')[0]))).toEqual(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the Dockerfile
      new Set(['${NODE_IMAGE}']),
    );
  });

  it('copies only what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = all(instructions, 'COPY')
      .filter((line) => !line.startsWith('--from='))
      .flatMap((line) => line.split(' ').slice(0, -1));
    expect(new Set(copied)).toEqual(new Set(allowed));
  });

  it('runs the command line as a user who is not root', () => {
    expect(all(final, 'USER')).toEqual(['node']);
    const bin: { shardlift: string } = JSON.parse(read('package.json')).bin;
    expect(all(final, 'ENTRYPOINT')).toEqual([`["node", "${bin.shardlift}"]`]);
    expect(all(final, 'CMD')).toEqual(['["worker"]']);
  });

  it('keeps dumps and reports in volumes', () => {
    const [environment] = all(final, 'ENV');
    const directories = [...(environment ?? '').matchAll(/SHARDLIFT_\w+_DIRECTORY=(\S+)/g)].map(
      ([, path]) => path,
    );
    expect(directories).toEqual(['/data/dumps', '/data/reports']);
    expect(all(final, 'VOLUME').map((list) => JSON.parse(list))).toEqual([directories]);
  });
});
