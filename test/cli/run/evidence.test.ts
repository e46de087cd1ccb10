import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFlaws } from '../../../src/cli/run/evidence.ts';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const payload = (value: unknown) => ({ data: Buffer.from(JSON.stringify(value)).toString('base64') });

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shardlift-evidence-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Writes evidence as it would have been gathered. @returns the checksum of its manifest */
async function gathered(report: object, events: object[]): Promise<string> {
  const files = { 'report.json': JSON.stringify(report), 'history-1.json': JSON.stringify({ events }) };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const manifest = JSON.stringify({
    ...{ format: 1, workflowId: 'm', workflowType: 'migrateDatabase', namespace: 'default', gatheredAt: '' },
    files: Object.entries(files).map(([name, text]) => ({ name, bytes: text.length, sha256: digest(text) })),
  });
  await writeFile(join(directory, 'manifest.json'), manifest);
  return digest(manifest);
}

const approved = { workflowId: 'm', approval: { by: 'ann', note: '', at: '' } };
const update = {
  workflowExecutionUpdateAcceptedEventAttributes: {
    acceptedRequest: { input: { name: 'approveCutover', args: { payloads: [payload({ by: 'ann' })] } } },
  },
};
const signal = {
  workflowExecutionSignaledEventAttributes: {
    signalName: 'approveCutover',
    input: { payloads: [payload({ by: ' ann ' })] },
  },
};

describe('evidence', () => {
  test.each([
    ['an update', update],
    ['a signal', signal],
  ])('agrees with an approval by %s', async (_how, event) => {
    const sha256 = await gathered(approved, [event]);
    expect(await findFlaws(directory, sha256.toUpperCase())).toEqual([]);
  });

  test('tells of a decision that nobody sent', async () => {
    await gathered(approved, [{ workflowExecutionSignaledEventAttributes: { signalName: 'pause' } }]);
    expect(await findFlaws(directory)).toEqual([
      'approveCutover by ann is in the report, and in no history.',
    ]);
  });

  test('tells of a report of another workflow', async () => {
    await gathered({ workflowId: 'other' }, []);
    expect(await findFlaws(directory)).toEqual(['report.json is of another workflow.']);
  });

  test('tells of a manifest that was replaced', async () => {
    const sha256 = await gathered({ workflowId: 'm' }, []);
    expect(await findFlaws(directory, digest('another'))).toEqual([
      `manifest.json is another one: its checksum is ${sha256}.`,
    ]);
  });

  test('tells of a file that is missing, and of a folder that is none', async () => {
    await gathered({ workflowId: 'm' }, []);
    await rm(join(directory, 'history-1.json'));
    expect(await findFlaws(directory)).toEqual(['history-1.json is missing.']);
    await writeFile(join(directory, 'manifest.json'), '{}');
    expect(await findFlaws(directory)).toEqual(['manifest.json has another form than expected.']);
    await rm(join(directory, 'manifest.json'));
    expect(await findFlaws(directory)).toEqual([`${directory} has no manifest.json.`]);
  });
});
