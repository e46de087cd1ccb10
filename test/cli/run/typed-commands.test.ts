import { describe, expect, test } from 'vitest';
import { invocation, TypedCommands } from '../../../src/cli/run/typed-commands.ts';

describe('commands to type', () => {
  test('need nothing where the environment names Temporal', () => {
    const commands = new TypedCommands(undefined, 'shardlift');
    expect(commands.watch('m')).toBe('shardlift watch m');
    expect(commands.request('two words', 'approveCutover')).toBe("shardlift approve 'two words' --by you");
    expect(commands.request('m', 'throttle')).toBe('shardlift throttle m');
    expect(commands.temporalUpdate('m', 'resume')).toBe(
      `temporal workflow update execute -w m --name resume --input '{"by":"you"}'`,
    );
  });

  test('name the Temporal that only this process knows', () => {
    const commands = new TypedCommands('127.0.0.1:40001', 'shardlift');
    expect(commands.watch('m')).toBe('TEMPORAL_ADDRESS=127.0.0.1:40001 shardlift watch m');
    expect(commands.temporalUpdate('m', 'approveCutover')).toBe(
      `temporal workflow update execute --address 127.0.0.1:40001 -w m --name approveCutover --input '{"by":"you","note":"why"}'`,
    );
  });

  test.each([
    [undefined, 'shardlift'],
    ['demo', 'npm run shardlift --'],
    ['shardlift', 'npm run shardlift --'],
    ['npx', 'npx shardlift'],
    ['test', 'shardlift'],
  ])('called by the npm script %s they begin with %s', (script, expected) => {
    expect(invocation({ npm_lifecycle_event: script })).toBe(expected);
  });
});
