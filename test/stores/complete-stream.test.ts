import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { completeStream } from '../../src/stores/complete-stream.ts';

const failure = (error: unknown, got: number) =>
  new Error(`${error instanceof Error ? error.message : 'nothing more came'} after ${got}`);

function source(...chunks: string[]): Readable {
  return Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  );
}

async function outcome(stream: Readable): Promise<string> {
  return await buffer(stream).then(String, (error) => `error: ${error.message}`);
}

describe('a stream', () => {
  test.each([
    ['all of the bytes', ['abc', 'def'], 6, 'abcdef'],
    ['no bytes, where there are none', [], 0, ''],
    ['an error, when bytes are missing', ['abc', 'de'], 6, 'error: nothing more came after 5'],
    ['an error, when nothing comes', [], 6, 'error: nothing more came after 0'],
    ['an error, when there are more', ['abc', 'def', 'g'], 6, 'error: nothing more came after 7'],
  ])('gives %s', async (_case, chunks, bytes, expected) => {
    expect(await outcome(completeStream(source(...chunks), { bytes, failure }))).toBe(expected);
  });

  test('gives the reason when its source fails', async () => {
    const failing = new PassThrough();
    const stream = completeStream(failing, { bytes: 6, failure });
    failing.write('abc');
    setTimeout(() => failing.destroy(new Error('the disk is gone')), 20);
    expect(await outcome(stream)).toBe('error: the disk is gone after 3');
  });

  test('is an error when its source is closed without a word', async () => {
    const closing = new PassThrough();
    const stream = completeStream(closing, { bytes: 6, failure });
    closing.write('abc');
    setTimeout(() => closing.destroy(), 20);
    expect(await outcome(stream)).toBe('error: nothing more came after 3');
  });

  test('keeps an error for a reader who comes later', async () => {
    const failing = new PassThrough();
    const stream = completeStream(failing, { bytes: 6, failure });
    failing.destroy(new Error('the disk is gone'));
    await new Promise<void>((resolve) => stream.once('close', resolve));
    expect(await outcome(stream)).toBe('error: the disk is gone after 0');
  });

  test.each([
    ['its reader has left', (stream: Readable) => stream.destroy()],
    ['it is aborted', (_: Readable, abort: AbortController) => abort.abort()],
  ])('lets go of its source when %s', async (_case, end) => {
    const endless = new PassThrough();
    const abort = new AbortController();
    const stream = completeStream(endless, { bytes: 6, failure, signal: abort.signal });
    endless.write('abc');
    await once(stream, 'readable');
    end(stream, abort);
    await new Promise<void>((resolve) => stream.once('close', resolve));
    expect(endless.destroyed).toBe(true);
  });
});

describe('silence', () => {
  test('of the source ends the stream', async () => {
    const silent = new PassThrough();
    const stream = completeStream(silent, { bytes: 6, failure, silentMs: 120 });
    silent.write('abc');
    expect(await outcome(stream)).toBe('error: nothing more came after 3');
    expect(silent.destroyed).toBe(true);
  });

  test('is none while bytes come, however slowly', async () => {
    const slow = new PassThrough();
    const stream = completeStream(slow, { bytes: 8, failure, silentMs: 240 });
    const read = outcome(stream);
    for (const byte of 'abcdefgh') {
      slow.write(byte);
      await sleep(50);
    }
    slow.end();
    expect(await read).toBe('abcdefgh');
  });

  test('is none while the reader holds the source back', async () => {
    const content = Buffer.alloc(500_000, 'x');
    const stream = completeStream(Readable.from([content.subarray(0, 250_000), content.subarray(250_000)]), {
      bytes: content.length,
      failure,
      silentMs: 60,
    });
    await once(stream, 'readable');
    await sleep(300);
    expect(content.equals(await buffer(stream))).toBe(true);
  });
});
