/** The ports of a workbench: chosen at its first start, and kept, since sharded databases remember the address of their server. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../../src/cli/terminal/cli-error.ts';
import { exitCodes } from '../../src/cli/terminal/exit-codes.ts';
import { freePorts } from '../servers/ports.ts';

/** Those that Temporal and RavenDB use by default. */
const USUAL = { temporal: 7233, temporalUi: 8233, ravendb: 8080 } as const;

const portsSchema = z.strictObject({
  temporal: z.int(),
  temporalUi: z.int(),
  ravendb: z.int(),
});

/** TCP ports on 127.0.0.1. */
export type Ports = z.output<typeof portsSchema>;

/**
 * The ports of the workbench in a directory: at the first start the usual ones where they are free, else others.
 * @throws CliError when one of them is in use at a later start
 */
export async function portsIn(directory: string): Promise<Ports> {
  const file = join(directory, 'ports.json');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return await stillFree(portsSchema.parse(JSON.parse(known)), directory);
  const [temporal, temporalUi, ravendb] = await Promise.all(
    [USUAL.temporal, USUAL.temporalUi, USUAL.ravendb].map(freeOrAnother),
  );
  const ports = portsSchema.parse({ temporal, temporalUi, ravendb });
  await writeFile(file, `${JSON.stringify(ports)}\n`);
  return ports;
}

async function freeOrAnother(port: number): Promise<number | undefined> {
  const [free] = await freePorts(port).catch(() => freePorts(undefined));
  return free;
}

async function stillFree(ports: Ports, directory: string): Promise<Ports> {
  try {
    await freePorts(...Object.values(ports));
    return ports;
  } catch (error) {
    const hint = `Is another workbench running in ${directory}? End what uses that port, or delete the directory to begin anew.`;
    throw new CliError(`${(error as Error).message}.`, hint, exitCodes.failed);
  }
}
