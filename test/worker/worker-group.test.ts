import { describe, expect, test } from 'vitest';
import { type Member, madeTogether, runTogether } from '../../src/worker/worker-group.ts';

/** A worker that runs until it is shut down, or fails when it is told to. */
class FakeWorker implements Member {
  readonly #ended = Promise.withResolvers<void>();
  state: ReturnType<Member['getState']> = 'INITIALIZED';

  getState(): ReturnType<Member['getState']> {
    return this.state;
  }

  async run(): Promise<void> {
    this.state = 'RUNNING';
    await this.#ended.promise;
    this.state = 'STOPPED';
  }

  shutdown(): void {
    // as the one of Temporal does
    if (this.state !== 'RUNNING') throw new Error(`Not running. Current state: ${this.state}`);
    this.state = 'DRAINING';
    setTimeout(() => this.#ended.resolve(), 5);
  }

  async runUntil<T>(until: Promise<T> | (() => Promise<T>)): Promise<T> {
    const running = this.run();
    const result = await (typeof until === 'function' ? until() : until);
    this.shutdown();
    await running;
    return result;
  }

  fail(error: Error): void {
    this.state = 'FAILED';
    this.#ended.reject(error);
  }
}

function three(): [FakeWorker, FakeWorker, FakeWorker] {
  return [new FakeWorker(), new FakeWorker(), new FakeWorker()];
}

describe('workers that run together', () => {
  test('are all shut down when one fails, before its error comes out', async () => {
    const workers = three();
    const [one, failing, other] = workers;
    const running = runTogether(workers);
    failing.fail(new Error('The poller is gone.'));
    await expect(running).rejects.toThrow('The poller is gone.');
    expect([one.state, other.state]).toEqual(['STOPPED', 'STOPPED']);
  });

  test('end together when they are told to stop', async () => {
    const workers = three();
    const running = runTogether(workers);
    for (const worker of workers) worker.shutdown();
    await running;
    expect(workers.map(({ state }) => state)).toEqual(['STOPPED', 'STOPPED', 'STOPPED']);
  });
});

describe('workers that are made together', () => {
  test('are given in order', async () => {
    const workers = three();
    expect(await madeTogether(workers.map((worker) => Promise.resolve(worker)))).toEqual(workers);
  });

  test('are all shut down when one cannot be made', async () => {
    const [one, , other] = three();
    const late = new Promise<FakeWorker>((resolve) => setTimeout(() => resolve(other), 5));
    const making = [Promise.resolve(one), Promise.reject(new Error('There is no such namespace.')), late];
    await expect(madeTogether(making)).rejects.toThrow('There is no such namespace.');
    expect([one.state, other.state]).toEqual(['STOPPED', 'STOPPED']);
  });
});
