import { describe, expect, test } from 'vitest';
import { firstThatWorks, ServerNotFound, type Step } from '../../../dev/servers/locate.ts';

const LAUNCH = { command: 'server', args: [] };

function closed(title: string, reason: string, more: Partial<Step> = {}): Step {
  return { title, find: () => Promise.reject(new Error(reason)), ...more };
}

describe('firstThatWorks', () => {
  test('takes the first step that works and tries no later one', async () => {
    const later: Step = { title: 'later', find: () => Promise.reject(new Error('must not be tried')) };
    const works: Step = { title: 'works', find: () => Promise.resolve(LAUNCH) };
    expect(await firstThatWorks('temporal', [closed('first', 'absent'), works, later])).toBe(LAUNCH);
  });

  test('announces long steps and says why they failed', async () => {
    const events: object[] = [];
    const steps = [
      closed('the cache', 'it is empty'),
      closed('the download', 'refused', { announcement: 'fetching the server' }),
      { title: 'works', find: () => Promise.resolve(LAUNCH) },
    ];
    await firstThatWorks('ravendb', steps, { onProgress: (event) => events.push(event) });
    expect(events).toEqual([
      { server: 'ravendb', message: 'fetching the server' },
      { server: 'ravendb', message: 'the download failed: refused' },
    ]);
  });

  test('lists every step with its reason, and what the user can do, when none works', async () => {
    const steps = [
      closed('the cache', 'it is empty'),
      closed('the registries', 'pip failed:\nno route to host'),
    ];
    const error = await firstThatWorks('ravendb', steps).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServerNotFound);
    expect((error as ServerNotFound).server).toBe('ravendb');
    expect((error as Error).message).toBe(
      [
        'No RavenDB server was found or could be fetched. Tried:',
        '  1. the cache: it is empty',
        '  2. the registries: pip failed:',
        '     no route to host',
        'Set SHARDLIFT_RAVENDB_URL to the URL of a running server, or SHARDLIFT_RAVENDB_DIR to the directory of an unpacked one.',
      ].join('\n'),
    );
    await expect(firstThatWorks('temporal', steps)).rejects.toThrow(
      /TEMPORAL_ADDRESS.*SHARDLIFT_TEMPORAL_CLI/,
    );
  });

  test('replaces what the user named by nothing else', async () => {
    const steps = [
      closed('SHARDLIFT_TEMPORAL_CLI', '/nowhere does not exist', { isFinal: true }),
      closed('the cache', 'must not be tried'),
    ];
    const error = await firstThatWorks('temporal', steps).catch((thrown: Error) => thrown);
    expect((error as Error).message).toContain('/nowhere does not exist');
    expect((error as Error).message).not.toContain('the cache');
  });

  test('an abort does not try the next step', async () => {
    const abort = new AbortController();
    const aborting: Step = {
      title: 'aborted',
      find: () => {
        abort.abort(new Error('enough'));
        return Promise.reject(new Error('the tool was ended'));
      },
    };
    const steps = [aborting, { title: 'works', find: () => Promise.resolve(LAUNCH) }];
    await expect(firstThatWorks('temporal', steps, { signal: abort.signal })).rejects.toThrow('enough');
  });
});
