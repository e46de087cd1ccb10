/** Commands for people to type next. */
import { commandOf, type RequestName, requests } from '../../core/contract/contract.ts';
import { examplePayload, isDecision } from '../../core/run/next-step.ts';
import { shellWord } from '../../core/text/format.ts';

const BY_SCRIPT: Record<string, string> = {
  demo: 'npm run shardlift --',
  shardlift: 'npm run shardlift --',
  npx: 'npx shardlift',
};

/** How this command was called, so that what is printed can be typed: by its name, or by npm in a checkout. */
export function invocation(env: NodeJS.ProcessEnv = process.env): string {
  return BY_SCRIPT[env.npm_lifecycle_event ?? ''] ?? 'shardlift';
}

/** Writes commands that reach the same Temporal as this process. */
export class TypedCommands {
  readonly #address: string | undefined;
  readonly #shardlift: string;

  /** @param address of a Temporal that the shell's environment does not name */
  constructor(address?: string, shardlift = invocation()) {
    this.#address = address;
    this.#shardlift = shardlift;
  }

  /** `shardlift <command> <workflowId>`. */
  shardlift(command: string, workflowId: string, rest = ''): string {
    const environment = this.#address ? `TEMPORAL_ADDRESS=${this.#address} ` : '';
    return `${environment}${this.#shardlift} ${command} ${shellWord(workflowId)}${rest && ` ${rest}`}`;
  }

  watch(workflowId: string): string {
    return this.shardlift('watch', workflowId);
  }

  /** A request by Shardlift's command line. */
  request(workflowId: string, request: RequestName): string {
    const keys = Object.keys(requests) as (keyof typeof requests)[];
    const command = keys.find((key) => requests[key] === request);
    return this.shardlift(
      command ? commandOf(command) : '',
      workflowId,
      isDecision(request) ? '--by you' : '',
    );
  }

  /** The same request by Temporal's own command line. */
  temporalUpdate(workflowId: string, request: RequestName): string {
    const address = this.#address ? ` --address ${this.#address}` : '';
    return (
      `temporal workflow update execute${address} -w ${shellWord(workflowId)} ` +
      `--name ${request} --input '${examplePayload(request)}'`
    );
  }
}
