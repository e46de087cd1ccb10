/**
 * Every wait, patience, interval and size of work, in one place. Times are milliseconds. The defaults serve real
 * databases; tests run with smaller ones (see CONTRIBUTING).
 */

/** What the worker and its engine go by. */
export interface Tuning {
  /** Requests to RavenDB. */
  connection: {
    /** Without a byte, and without an answer to how far it is: longer than a disk or a garbage collection halts a server. */
    silentMs: number;
    /** Without a byte, while the answer never changes: an import may work in silence for minutes. */
    stuckMs: number;
    /** Between looks at an operation that is still running. */
    operationLookMs: number;
    /** How long an operation whose answer has ended may still call itself running. */
    operationGraceMs: number;
    /** For telling the server to stop an operation: nobody waits longer to leave. */
    killWithinMs: number;
    /** Of the many requests of one activity: an export makes the server keep a snapshot, and others use it too. */
    requestsAtOnce: number;
  };
  /** Requests to a bucket. */
  bucket: {
    connectWithinMs: number;
    /** Without a byte: longer than a disk halts a server. */
    silentMs: number;
  };
  /** What every activity does beside its work. */
  activity: {
    /** Between heartbeats, which also ask whether Temporal is still there. */
    heartbeatMs: number;
    /**
     * Without an answer of Temporal the activity stops. Below `workflow.heartbeatTimeoutMs`, after which another worker
     * gets the work: what this one writes would be old, and could overwrite what the other has brought since.
     */
    cutOffMs: number;
    /** For Temporal's answer to whether it is there. */
    contactWithinMs: number;
    /** Without a byte from or to RavenDB and without progress, work is stuck. Longer than `connection.stuckMs`. */
    stillMs: number;
    /** For work to end that was told to stop: longer than it takes to tell the server so. */
    endWithinMs: number;
    /**
     * Between reports of progress at first: with every other heartbeat. They get rarer, since each is a few events of
     * history.
     */
    reportMs: number;
    /** Between reports at most. */
    reportAtMostMs: number;
  };
  /** The worker as a process. */
  worker: {
    /** Heartbeats carry cancellation, and what the next attempt resumes from. */
    heartbeatThrottleMs: number;
    /** How long a query or a step waits for a worker that held the workflow in memory and is gone. */
    stickyMs: number;
    /** For activities to end when the worker is told to stop; another worker takes over after it. */
    shutdownMs: number;
    /** A passing file that was untouched for so long belongs to nobody. */
    leftoverMs: number;
  };
  /** The first copy. */
  copy: {
    /** Small enough that repeating a piece costs little, large enough that opening one costs nothing beside it. */
    itemsPerPiece: number;
    /** Of a kind of item: each piece is a few events of history. */
    maxPieces: number;
    /** A load is imported and confirmed when it has this size or age: the most that is sent again after a death. */
    loadBytes: number;
    loadMs: number;
    /** The first load, and the least that a load is limited to. */
    firstLoadBytes: number;
    /** A target that confirms loads within this gets larger ones. */
    confirmMs: number;
    /** Until an item that was refused alone is sent once more: a server may be in trouble for a moment. */
    refusedAgainMs: number;
  };
  /** Rounds of changes. */
  catchUp: {
    /** A round that is shorter leaves little for the next one. */
    shortRoundMs: number;
    /** Between looks at a source that stands still: they double, since each look costs the source something. */
    pauseMs: number;
    maxPauseMs: number;
  };
  /** RavenDB's own replication. */
  replication: {
    /** Between looks at the task: they grow, since RavenDB counts what is left for each. */
    pauseMs: number;
    maxPauseMs: number;
    /** How long a task with nothing left stands still before it counts as done, when it does not reach the last etag. */
    stillMs: number;
  };
  /** Comparisons. */
  compare: {
    /** Larger than a piece of a copy: reading is faster. */
    itemsPerPart: number;
    /** Of a kind of item and a place. */
    maxParts: number;
    /** Of all kinds and places: each part is a few events of history. More only where there are more places and kinds. */
    maxPartsInAll: number;
    /** Ids that are held in memory at a time to find those that differ, as hashes: a million are some 50 MB. */
    idsAtATime: number;
    /** What a write on one side has to show on the other. */
    settleMs: number;
    /** Between reports of how much was read. */
    tellMs: number;
  };
  /** Repairs. */
  repair: {
    /** Documents that are compared before and after they are mended; when more differ, they are sent like a copy. */
    oneByOne: number;
  };
  /** The time around the switch. */
  cutover: {
    /** Between looks at a source that is to be quiet. */
    quietLookMs: number;
    /** Between looks at what runs on the source, while an approval is awaited. */
    operationsLookMs: number;
    /** An operation on the source that has run for longer is waited for: a freeze would break it off. */
    longOperationMs: number;
    /** Changes that the target may lack when the source is frozen. */
    mostLag: number;
    /** For which a source that is left open is watched for writes that come too late: people may wait for the end of it. */
    watchLateMs: number;
  };
  /** Plans. */
  plan: {
    /** For which the source is watched for changes that should not happen. */
    sourceWatchMs: number;
    /** For which the source is watched for writes, at least. */
    writesWatchMs: number;
    /** The sample that is copied to measure: whichever of the three it reaches first. */
    sampleDocuments: number;
    sampleBytes: number;
    sampleMs: number;
  };
  /** Settings of a database. */
  settings: {
    /** How long a setting may take to show in the record after the server has taken it. */
    arrivalMs: number;
    lookMs: number;
  };
  /** The command line. */
  cli: {
    /** Between looks at a run that is watched. */
    followMs: number;
    /** A restart of a worker takes a few seconds, and nobody needs to hear of it. */
    silenceMs: number;
    /** For an answer to a query, which can get lost: it doubles, since a long history takes a while to replay. */
    patienceMs: number;
    maxPatienceMs: number;
    /** For a worker's answer to a request; one that was just restarted replays the workflow first. */
    answerWithinMs: number;
    connectWithinMs: number;
    /** For an answer of Temporal itself. */
    askWithinMs: number;
    /** For Temporal to tell a shell what runs: somebody waits for it in the middle of a word. */
    suggestWithinMs: number;
    /** For a RavenDB server to answer when it is only looked at. */
    examineMs: number;
    /** For a run to tell where it stands when many are listed. */
    listWithinMs: number;
    /** A worker that waits for work asks again each minute; one that was not seen for longer is gone. */
    pollerGoneMs: number;
    /** An attempt that has not failed by then gets on. */
    failsWithinMs: number;
    /** Between lines about how far the work is. */
    lineMs: number;
    /** Between pictures of the screen. */
    repaintMs: number;
  };
}

/** What workflows go by. Part of their code: the environment of a worker must not change how a history replays. */
export interface WorkflowTuning {
  /** A worker that is gone is noticed after this. */
  heartbeatTimeoutMs: number;
  /** For an attempt of work that is done within moments. */
  quickTimeoutMs: number;
  /** For an attempt of work that may take days. */
  bulkTimeoutMs: number;
  /** For an answer of the worker itself. */
  localMs: number;
  /** Between attempts: they double up to the most. */
  retryMs: number;
  maxRetryMs: number;
  /** Of what opens one of both sides: nobody serves meanwhile, and a server that was away is back at once. */
  fenceMaxRetryMs: number;
  /** A server that is restarting, or at a wrong address: about a minute tells which. */
  planMaxRetryMs: number;
  planAttempts: number;
  /** Of work that can be done without. */
  optionalAttempts: number;
  /** Of a call of a hook: before the switch an application waits meanwhile. */
  hookAttempts: number;
  /** Tidying up must not keep an ended run open for ever. */
  closingMs: number;
  /** For which the worker with a dump may be away, unless the input says otherwise. */
  hostGoneMs: number;
  /** After a failed verification, until it is looked whether somebody repaired the target: doubles up to the most. */
  verifyAgainMs: number;
  /** A week of failed verifications must not fill the history. */
  maxVerifyAgainMs: number;
  /** A comparison of everything that takes no longer is worth its time in the downtime, too. */
  shortVerificationMs: number;
  /** After so many changes everything is compared again before the freeze, so that the downtime need not see them. */
  manyChanges: number;
  /** More than one worker takes at once, so that several workers share a copy. */
  piecesAtOnce: number;
  /** The same for the parts of a comparison. */
  partsAtOnce: number;
  /** From so many items on it is worth it: below, handing out parts takes longer than reading them. */
  sharePartsFromItems: number;
  /** Files that one step of an import gets: with each step its files are in the history. */
  filesPerStep: number;
  /**
   * When its history has so many events or bytes, a run goes on as a new one. Far below Temporal's limits of 51,200 events
   * and 50 MB: what is at work then still has to end, and a long history takes a worker long to replay.
   */
  continueAfterEvents: number;
  continueAfterBytes: number;
  /** For what is at work then to be done by itself, before it is canceled and begun again by the new run. */
  restMs: number;
  /** After so long without a sign of its migration a fence is undone: for so long the source may be closed, and nobody home. */
  leaseMs: number;
  /** Between signs. */
  renewLeaseMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MEBIBYTE = 1024 * 1024;

export const defaultTuning: Tuning = {
  connection: {
    silentMs: MINUTE,
    stuckMs: 5 * MINUTE,
    operationLookMs: SECOND,
    operationGraceMs: 30 * SECOND,
    killWithinMs: 10 * SECOND,
    requestsAtOnce: 6,
  },
  bucket: { connectWithinMs: 10 * SECOND, silentMs: MINUTE },
  activity: {
    heartbeatMs: SECOND,
    cutOffMs: 15 * SECOND,
    contactWithinMs: 5 * SECOND,
    stillMs: 10 * MINUTE,
    endWithinMs: 30 * SECOND,
    reportMs: 1_500,
    reportAtMostMs: 10 * MINUTE,
  },
  worker: {
    heartbeatThrottleMs: 500,
    stickyMs: 2 * SECOND,
    shutdownMs: 15 * SECOND,
    leftoverMs: DAY,
  },
  copy: {
    itemsPerPiece: 100_000,
    maxPieces: 100,
    loadBytes: 16 * MEBIBYTE,
    loadMs: 2 * SECOND,
    firstLoadBytes: 2 * MEBIBYTE,
    confirmMs: SECOND,
    refusedAgainMs: SECOND,
  },
  catchUp: { shortRoundMs: 5 * SECOND, pauseMs: 500, maxPauseMs: 15 * SECOND },
  replication: { pauseMs: 250, maxPauseMs: 5 * SECOND, stillMs: 30 * SECOND },
  compare: {
    itemsPerPart: 500_000,
    maxParts: 8,
    maxPartsInAll: 256,
    idsAtATime: 1_000_000,
    settleMs: 5 * SECOND,
    tellMs: SECOND,
  },
  repair: { oneByOne: 10_000 },
  cutover: {
    quietLookMs: 250,
    operationsLookMs: MINUTE,
    longOperationMs: 10 * SECOND,
    mostLag: 10_000,
    watchLateMs: SECOND,
  },
  plan: {
    sourceWatchMs: SECOND,
    writesWatchMs: 5 * SECOND,
    sampleDocuments: 20_000,
    sampleBytes: 256 * MEBIBYTE,
    sampleMs: 10 * SECOND,
  },
  settings: { arrivalMs: 3 * SECOND, lookMs: 100 },
  cli: {
    followMs: SECOND,
    silenceMs: 5 * SECOND,
    patienceMs: 2 * SECOND,
    maxPatienceMs: 15 * SECOND,
    answerWithinMs: 10 * SECOND,
    connectWithinMs: 4 * SECOND,
    askWithinMs: 10 * SECOND,
    suggestWithinMs: SECOND,
    examineMs: 10 * SECOND,
    listWithinMs: 2 * SECOND,
    pollerGoneMs: 70 * SECOND,
    failsWithinMs: 10 * SECOND,
    lineMs: 2 * SECOND,
    repaintMs: 300,
  },
};

export const defaultWorkflowTuning: WorkflowTuning = {
  heartbeatTimeoutMs: 20 * SECOND,
  quickTimeoutMs: 2 * MINUTE,
  bulkTimeoutMs: 30 * DAY,
  localMs: 5 * SECOND,
  retryMs: SECOND,
  maxRetryMs: 30 * SECOND,
  fenceMaxRetryMs: 3 * SECOND,
  planMaxRetryMs: 5 * SECOND,
  planAttempts: 15,
  optionalAttempts: 5,
  hookAttempts: 3,
  closingMs: DAY,
  hostGoneMs: 5 * MINUTE,
  verifyAgainMs: 5 * MINUTE,
  maxVerifyAgainMs: 6 * HOUR,
  shortVerificationMs: 30 * SECOND,
  manyChanges: 50_000,
  piecesAtOnce: 8,
  partsAtOnce: 8,
  sharePartsFromItems: 1_000_000,
  filesPerStep: 50,
  continueAfterEvents: 2_500,
  continueAfterBytes: 2 * MEBIBYTE,
  restMs: 30 * SECOND,
  leaseMs: 30 * SECOND,
  renewLeaseMs: 10 * SECOND,
};
