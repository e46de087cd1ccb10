/** A fence around a source: what is agreed before it is raised, and what becomes of it. */
import type { DatabaseRef } from '../contract/contract.ts';
import type { FlowedStorage } from './flow-back.ts';

/** One storage behind a fence: a database, or a shard. */
export interface FencedStorage {
  /** The name that is closed, and the one under which the storage is open. */
  database: string;
  alias: string;
  folder: string;
  databaseId: string;
  /** The last etag that was seen while the name was open. */
  lastEtag: number;
}

/** Whether RavenDB lets a database be deleted. `PreventDeletesIgnore` answers 200, and deletes nothing. */
export type LockMode = 'Unlock' | 'PreventDeletesIgnore' | 'PreventDeletesError';

/** What a fence needs, and what it takes to undo it: to be kept before its first step. */
export interface FencePlan extends DatabaseRef {
  /** What the database had before. */
  lockMode: LockMode;
  /** The server's build. */
  build: string;
  storages: readonly FencedStorage[];
}

/** One attempt at a fence, as everything that has to do with it is told. */
export interface FenceOrder {
  plan: FencePlan;
  /** Where the note is that says whether this attempt was undone, or has switched: on the target, or on a carrier. */
  target: DatabaseRef;
  firstRunId: string;
  /** Later attempts have larger numbers. */
  attempt: number;
  /** Of a roll-back: the fence around the old database, which opens when this attempt has switched. */
  old?: FencePlan;
}

/** What is noted on the target: of switching and undoing exactly one happens. */
export interface FenceNote {
  workflowId: string;
  firstRunId: string;
  attempt: number;
  plan: FencePlan;
  state: 'raised' | 'switched' | 'undone';
  at: string;
  /** Of a roll-back: the fence around the old database. */
  old?: FencePlan;
  /** Where the target stood when it began to serve. */
  storages?: readonly FlowedStorage[];
}

/** Signals of a migration to whoever holds its fence: it is still at work; the fence was undone, or the target serves. */
export const fenceSignals = { held: 'fenceHeld', ended: 'fenceEnded' } as const;
