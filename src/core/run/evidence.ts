/** What somebody has seen who approves a cutover, as one short text that changes when any of it does. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Verification } from '../compare/verification.ts';
import type { RefusedItem } from '../copy/refused.ts';
import type { Check } from '../plan/check.ts';

/** What an approval rests on. */
interface Evidence {
  input: unknown;
  checks: readonly Check[];
  verification: Pick<Verification, 'mismatches' | 'digest' | 'itemsCompared'>;
  refused: readonly RefusedItem[];
}

/** Of so many hexadecimal digits that nobody can find other evidence with the same ones by chance. */
const DIGITS = 16;

/**
 * The digest of the input, the plan, what the last comparison found, and the items that are skipped. Not of how many
 * documents there are, or when they were compared: that changes while everything is fine.
 */
export function digestOf({ input, checks, verification, refused }: Evidence): string {
  const { mismatches, digest = null, itemsCompared } = verification;
  const skipped = refused.filter((item) => item.skipped).map(({ kind, id }) => [kind, id]);
  const plan = checks.map(({ status, name, message }) => [status, name, message]);
  const seen = JSON.stringify([input, plan, mismatches, digest, itemsCompared, skipped]);
  return bytesToHex(sha256(utf8ToBytes(seen))).slice(0, DIGITS);
}
