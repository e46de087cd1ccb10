/** Work that a worker does one after another, although it holds more. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Does the work when all that came before it is over. @throws the signal's reason when that comes first */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const turn = before.then(() => {
      signal.throwIfAborted();
      return work();
    });
    this.#last = turn.catch(() => undefined);
    // one that was told to stop need not wait for its turn to say so
    const stopped = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    await Promise.race([before, stopped]);
    return await turn;
  }
}
