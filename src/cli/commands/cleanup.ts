import { parseRemoveLeftovers, type RemoveLeftoversInput } from '../../core/contract/cleanup-contract.ts';
import { place } from '../run/fields.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { startAndWatch } from './watch-run.ts';

/** The options of `shardlift cleanup`. */
export interface CleanupOptions {
  source?: string;
  target?: string;
  yes?: boolean;
  workflowId?: string;
  json?: boolean;
}

/** `shardlift cleanup`: lists what terminated workflows have left, and with `--yes` removes it. */
export async function cleanup(options: CleanupOptions): Promise<ExitCode> {
  const { source, target, yes = false, json = false } = options;
  const input = {
    ...(source !== undefined && { source: place('--source', source) }),
    ...(target !== undefined && { target: place('--target', target) }),
    ...(yes && { remove: true }),
  };
  const parsed = parseRemoveLeftovers(input);
  if (!parsed.ok)
    throw new CliError(parsed.problem, 'Try: --source prod/Shop --target prod/ShopSharded', exitCodes.usage);
  const names = [parsed.value.source, parsed.value.target].flatMap((ref) => (ref ? [ref.database] : []));
  return await startAndWatch(
    {
      type: 'removeLeftovers',
      input: input as RemoveLeftoversInput,
      summary: `Leftovers on ${names.join(' and ')}`,
      workflowId: options.workflowId ?? `cleanup-${names.join('-and-')}`,
    },
    { detach: false, json },
  );
}
