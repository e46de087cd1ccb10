import { resolve } from 'node:path';
import { findFlaws, writeEvidence } from '../run/evidence.ts';
import { findWorkflow, workflowTypeOf } from '../run/follow.ts';
import { withTemporal } from '../run/temporal.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';

/** The options of `shardlift evidence create`. */
export interface EvidenceOptions {
  output?: string;
  json?: boolean;
}

/** `shardlift evidence create`: writes the evidence of a run into a folder, and tells the checksum to keep. */
export async function createEvidence(
  workflowId: string,
  { output, json = false }: EvidenceOptions,
): Promise<ExitCode> {
  const directory = resolve(output ?? `evidence-${workflowId.replaceAll(/[^\w.-]/g, '_')}`);
  return await withTemporal(async (temporal) => {
    const { handle, description } = await findWorkflow(temporal, workflowId);
    const workflowType = workflowTypeOf(description.type, workflowId);
    const { manifest, sha256 } = await writeEvidence(temporal, { handle, workflowType }, directory).catch(
      (error: Error) => {
        const message = `The evidence cannot be gathered: ${error.message}.`;
        throw new CliError(
          message,
          'A worker must run, and --output must name a new or empty folder.',
          exitCodes.failed,
        );
      },
    );
    const text = json
      ? JSON.stringify({ directory, sha256, files: manifest.files })
      : `${directory}: ${manifest.files.length} files.\nKeep the checksum of its manifest elsewhere: ${sha256}`;
    process.stdout.write(`${text}\n`);
    return exitCodes.ok;
  });
}

/** `shardlift evidence verify`: needs no server. */
export async function verifyEvidence(
  directory: string,
  { sha256, json = false }: { sha256?: string; json?: boolean },
): Promise<ExitCode> {
  const flaws = await findFlaws(directory, sha256);
  if (json) process.stdout.write(`${JSON.stringify({ directory, intact: flaws.length === 0, flaws })}\n`);
  else process.stdout.write(`${flaws.length === 0 ? 'Whole and unchanged.' : flaws.join('\n')}\n`);
  return flaws.length === 0 ? exitCodes.ok : exitCodes.different;
}
