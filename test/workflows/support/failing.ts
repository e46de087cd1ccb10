/** How activities fail. */
import { ApplicationFailure } from '@temporalio/activity';
import type { StringValue } from 'ms';

/** Fails for good. */
export function fails(message: string, type = 'Refused'): () => Promise<never> {
  return () => Promise.reject(ApplicationFailure.nonRetryable(message, type));
}

/** Fails, and is tried again after a time. The clock may skip over that. */
export function failsFor(delay: StringValue, message = 'The server cannot be reached.'): Promise<never> {
  return Promise.reject(ApplicationFailure.create({ message, nextRetryDelay: delay }));
}

/** Fails for longer than any test lasts. */
export function isAway(): Promise<never> {
  return failsFor('300 days');
}

/** Does something else the first times. */
export function first<T extends unknown[], R>(
  times: number,
  before: (...given: NoInfer<T>) => Promise<NoInfer<R>>,
  after: (...given: T) => Promise<R>,
): (...given: T) => Promise<R> {
  let calls = 0;
  return (...given) => (calls++ < times ? before(...given) : after(...given));
}
