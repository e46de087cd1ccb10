/** What each activity does, for those who read a history or a timeline in Temporal's UI: plain text beside its name. */
import type { Activities } from '../../activities/index.ts';
import { formatCount } from '../../core/text/format.ts';

type Summaries = {
  [Name in keyof Activities]: string | ((input: Parameters<Activities[Name]>[0]) => string);
};

const summaries: Summaries = {
  plan: 'Look at both sides before anything changes',
  forecastShards: 'Forecast which shard gets how much',
  copySample: 'Copy a sample to measure the speed',
  removeSample: 'Delete the sample',
  tryDefinitions: 'Try settings and indexes on the version of the target',
  prepareTarget: 'Copy the settings that the data needs',
  createTarget: 'Create the target unless it is there',
  claimTarget: 'Claim the target for this run',
  releaseTarget: 'Give back the claim on the target',
  documentsPerShard: 'Count the documents of each shard',
  holdTombstones: 'Make the source keep its tombstones',
  releaseTombstones: 'Let the source drop its tombstones again',
  readPosition: 'Read where the source stands',
  readLastSync: 'Read how far the last run has come',
  recordSync: 'Note on the target how far it holds the source',
  planCopy: 'Cut the source into pieces',
  copyPiece: ({ piece: { kind, from, before } }) =>
    `${kind}, etags ${formatCount(from)} to ${formatCount(before - 1)}`,
  copyClusterItems: 'Copy compare exchange, identities and what has no shard of its own',
  exportDump: 'Export the source into a dump on this worker',
  importDump: 'Import the dump into the shards',
  removeDump: 'Delete the dump',
  catchUp: 'Carry what has changed since',
  startReplication: 'Create the replication task',
  pauseReplication: 'Disable the replication task',
  removeReplication: 'Remove the replication task',
  copyIndexes: 'Copy the indexes',
  copySettings: 'Copy the settings of the database',
  planVerification: 'Look at both sides before the comparison',
  planComparison: 'Cut both sides into parts',
  readPart: ({ reading: { storage, piece } }) =>
    `${piece.kind} of ${storage.database}, etags ${formatCount(piece.from)} to ${formatCount(piece.before - 1)}`,
  compareDatabases: 'Compare what was read',
  countDatabases: 'Compare the numbers of items',
  sampleDatabases: 'Compare a sample',
  verifyMigration: 'Look again at what differs, until lag and damage can be told apart',
  verifyChanges: 'Compare what has changed since the last comparison',
  repairItems: ({ items }) => `Copy ${formatCount(items.length)} items again that differ`,
  repairMany: 'Copy everything again that differs',
  forecastRepair: 'Count what a repair would mend',
  deleteSurplusDocuments: 'Delete what only the target has',
  proveQuiet: 'Wait until nobody writes to the source',
  assertSourceUnchanged: 'Prove that nobody wrote to the source since',
  prepareFence: 'Note how the source is fenced',
  fenceSource: 'Close the source to everybody',
  drainFenced: 'Carry the rest from behind the fence',
  verifyBehindFence: 'Compare the source behind the fence with the target',
  switchOver: 'Switch: from here on the target serves',
  undoFence: 'Undo the fence, so that the source serves',
  endFence: 'Leave the old database as the input says',
  flowBack: 'Carry what changes on the target back to the old database',
  runHook: ({ hook }) => `Call your hook ${hook}`,
  prepareRollBack: 'Note how the target is fenced',
  drainBack: 'Carry the rest back from behind the fence',
  switchBack: 'Switch back: from here on the old database serves',
  finishRollBack: 'Open the old database',
  endRollBack: 'Leave the sharded database closed',
  removeCarrier: 'Delete the helper database of a roll-back that was undone',
  watchLateWrites: 'Look for writes that come to the old database too late',
  findLateWrites: 'Look for writes that came to the old database since the switch',
  leftToDo: 'List what is left to do by hand',
  planExport: 'Look at the source and the disk before the export',
  writeDump: 'Write the dump',
  planImport: 'Look at the target and the files before the import',
  inspectFiles: 'Look into the files',
  importFiles: ({ files }) => `Import ${formatCount(files.length)} files`,
  importFileSettings: 'Copy indexes and settings from the last file',
  writeReport: 'Write the report',
  findLeftovers: 'Look for what earlier runs have left',
  removeLeftovers: 'Remove what earlier runs have left',
};

/** One line on a call of an activity. */
export function summaryOf(name: keyof Activities, input: unknown): string {
  const summary = summaries[name] as string | ((given: unknown) => string);
  return typeof summary === 'string' ? summary : summary(input);
}
