/** Why a dump file cannot be used. No other try helps: each says what a person can do. */
import { formatCount } from '../../core/text/format.ts';
import { RavenError } from '../connection/errors.ts';

const AGAIN = 'copy it again from where it was written, or export it again';

/**
 * The error of a file that cannot be used.
 * @param what the rest of a sentence that begins with the file
 */
export function refusedDump(name: string, what: string, kind = 'InvalidDataException'): RavenError {
  return new RavenError(`The file "${name}" ${what}.`, { kind, retryable: false });
}

export function notADump(name: string): RavenError {
  return refusedDump(name, 'is no dump of RavenDB: check its path');
}

export function damaged(name: string): RavenError {
  return refusedDump(name, `is damaged: ${AGAIN}`);
}

/** @param documents how many came before the end */
export function tooEarly(name: string, documents?: number): RavenError {
  const items = documents === 1 ? 'document' : 'documents';
  const after = documents === undefined ? '' : `, after ${formatCount(documents)} ${items}`;
  return refusedDump(name, `ends too early${after}: ${AGAIN}`, 'EndOfStreamException');
}
