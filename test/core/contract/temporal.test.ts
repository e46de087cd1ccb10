import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { workflowTypes } from '../../../src/core/contract/contract.ts';
import {
  DEFAULT_ADDRESS,
  DEFAULT_NAMESPACE,
  OF_OUR_TYPES,
  RUNNING,
} from '../../../src/core/contract/temporal.ts';

test("without a word on where Temporal is, it is where Temporal's own client looks for it", async () => {
  const connection = Connection.lazy();
  const client = new Client({ connection });
  expect([DEFAULT_ADDRESS, DEFAULT_NAMESPACE]).toEqual([
    connection.options.address,
    client.options.namespace,
  ]);
  await connection.close();
});

test('the filter of our types finds each, and no other', () => {
  const named = OF_OUR_TYPES.replace(/^WorkflowType IN \('(.*)'\)$/, '$1').split("', '");
  expect(named).toEqual(Object.keys(workflowTypes));
  expect(RUNNING).toBe("ExecutionStatus = 'Running'");
});
