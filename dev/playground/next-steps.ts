/** What a person may type next, in another terminal. */
import { dirname } from 'node:path';
import { shellWord } from '../../src/core/text/format.ts';
import { locateTemporal } from '../servers/index.ts';

/** Where everything is. */
export interface Places {
  /** Absent if it is that of the user's environment. */
  temporal?: { address: string; uiUrl: string } | undefined;
  ravendb: { url: string; studioUrl: string };
  taskQueue: string;
}

const DEFAULT_QUEUE = 'shardlift';

/** The pages to open. */
export function pagesOf({ temporal, ravendb }: Places): string[] {
  return [
    ...(temporal ? [`  Temporal UI      ${temporal.uiUrl}`] : []),
    `  RavenDB Studio   ${ravendb.studioUrl}`,
  ];
}

/** Commands that let another terminal reach the same servers with `shardlift` and `temporal`. */
export async function reachingCommands({ temporal, taskQueue }: Places): Promise<string[]> {
  const folder = await folderOfTemporal();
  return [
    ...(temporal ? [`export TEMPORAL_ADDRESS=${temporal.address}`] : []),
    ...(taskQueue === DEFAULT_QUEUE ? [] : [`export SHARDLIFT_TASK_QUEUE=${shellWord(taskQueue)}`]),
    ...(folder === undefined ? [] : [`export PATH=${shellWord(folder)}:"$PATH"   # temporal`]),
  ];
}

/** Where the `temporal` command is; undefined where it is on PATH. */
async function folderOfTemporal(): Promise<string | undefined> {
  const { command } = await locateTemporal();
  const folder = dirname(command);
  return folder === '.' ? undefined : folder;
}

/** Without subscriptions, which a server without a license may refuse, and the whole import with them. */
const LOADED =
  'DatabaseRecord,Documents,RevisionDocuments,Attachments,CounterGroups,TimeSeries,Indexes,Identities,CompareExchange';

/** Commands that load a dump as a new database. */
export function loadingCommands({ ravendb }: Places, database: string): string[] {
  return [
    `curl -f -X PUT '${ravendb.url}/admin/databases?name=${database}' -d '{"DatabaseName":"${database}"}'`,
    `curl -f -F 'importOptions={"OperateOnTypes":"${LOADED}"}' -F file=@${database}.ravendbdump ${ravendb.url}/databases/${database}/smuggler/import`,
  ];
}

/** Commands that move a database, by either command line. */
export function movingCommands({ taskQueue }: Places, connection: string, database: string): string[] {
  const target = `${database}Sharded`;
  const input = {
    source: { connection, database },
    target: { connection, database: target, shards: 3 },
  };
  return [
    `npm run shardlift -- migrate --source ${connection}/${database} --target ${connection}/${target} --shards 3`,
    `temporal workflow start --type migrateDatabase --task-queue ${shellWord(taskQueue)} --workflow-id migrate-${database} --input '${JSON.stringify(input)}'`,
  ];
}

/** Lines of commands, as they stand in a text. */
export function indented(commands: readonly string[]): string[] {
  return commands.map((command) => `  ${command}`);
}
