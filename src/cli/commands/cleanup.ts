import { parseRemoveLeftovers, type RemoveLeftoversInput } from '../../core/contract/cleanup-contract.ts';
import { checkedInput, fileFields, overlay, place } from '../run/fields.ts';
import type { ExitCode } from '../terminal/exit-codes.ts';
import { startAndWatch } from './watch-run.ts';

/** The options of `shardlift cleanup`. */
export interface CleanupOptions {
  source?: string;
  target?: string;
  yes?: boolean;
  inputFile?: string;
  workflowId?: string;
  detach?: boolean;
  json?: boolean;
}

/** `shardlift cleanup`: lists what terminated workflows have left, and with `--yes` removes it. */
export async function cleanup(options: CleanupOptions): Promise<ExitCode> {
  const { source, target, yes = false, detach = false, json = false } = options;
  const file = fileFields(options.inputFile);
  const input = {
    ...file,
    ...overlay('source', file, place('--source', source)),
    ...overlay('target', file, place('--target', target)),
    ...(yes && { remove: true }),
  };
  const example = 'cleanup --source prod/Shop --target prod/ShopSharded';
  const sides = checkedInput(input, parseRemoveLeftovers(input), example) as RemoveLeftoversInput;
  const names = [sides.source, sides.target].flatMap((ref) => (ref ? [ref.database] : []));
  return await startAndWatch(
    {
      type: 'removeLeftovers',
      input: sides,
      summary: `Leftovers on ${names.join(' and ')}`,
      workflowId: options.workflowId ?? `cleanup-${names.join('-and-')}`,
    },
    { detach, json },
  );
}
