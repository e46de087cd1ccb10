import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { defaultTuning, defaultWorkflowTuning } from '../../src/core/contract/tuning.ts';

const tuningOf = (text?: string) => loadConfig({ SHARDLIFT_TUNING: text }, '/').tuning;

test('the defaults are what nobody has overridden', () => {
  expect(tuningOf()).toEqual(defaultTuning);
  const tuning = tuningOf('{"copy":{"itemsPerPiece":7},"connection":{"silentMs":2000}}');
  expect(tuning).toEqual({
    ...defaultTuning,
    copy: { ...defaultTuning.copy, itemsPerPiece: 7 },
    connection: { ...defaultTuning.connection, silentMs: 2000 },
  });
});

test.each([
  ['no JSON', 'must be JSON such as'],
  ['7', 'must be JSON such as'],
  ['{"copy":7}', 'must be JSON such as'],
  ['{"copy":null}', 'must be JSON such as'],
  ['{"copy":{"pieces":7}}', 'copy.pieces is unknown'],
  ['{"workflow":{"retryMs":7}}', 'workflow.retryMs is unknown'],
  ['{"copy":{"loadMs":"7"}}', 'copy.loadMs must be a positive number'],
  ['{"copy":{"loadMs":0}}', 'copy.loadMs must be a positive number'],
])('%s is refused, and the message says what is wrong', (text, message) => {
  expect(() => tuningOf(text)).toThrow(message);
});

test('a worker that is cut off from Temporal has stopped before its work goes to another one', () => {
  const { cutOffMs, heartbeatMs } = defaultTuning.activity;
  expect(cutOffMs + heartbeatMs).toBeLessThan(defaultWorkflowTuning.heartbeatTimeoutMs);
});
