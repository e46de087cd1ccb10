/** The `type` of each failure that ends a migration or an activity for good. People match on them: never rename. */
export const failures = {
  invalidInput: 'InvalidInput',
  planBlocked: 'PlanBlocked',
  refused: 'Refused',
  rejected: 'CutoverRejected',
  aborted: 'Aborted',
  runFailed: 'RunFailed',
  verificationFailed: 'VerificationFailed',
  sourceNotQuiet: 'SourceNotQuiet',
  sourceChanged: 'SourceChanged',
  nothingCopied: 'NothingCopied',
  dumpLost: 'DumpLost',
  tombstonesLost: 'TombstonesLost',
  targetBusy: 'TargetBusy',
  workerDied: 'WorkerDied',
  workerCutOff: 'WorkerCutOff',
  workStuck: 'WorkStuck',
} as const;
