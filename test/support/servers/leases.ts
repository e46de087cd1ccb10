import type { Migration, Stack } from './stack.ts';

/** The leases of a migration that run: whoever undoes its fence when it is lost. */
export async function leasesOf({ client }: Stack, { id }: Migration): Promise<string[]> {
  const query = 'WorkflowType = "holdFence" AND ExecutionStatus = "Running"';
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query }))
    if (workflowId.startsWith(id)) ids.push(workflowId);
  return ids;
}

/** Ends the leases of a migration by force: nobody undoes its fence any more. */
export async function terminateLeases(stack: Stack, migration: Migration): Promise<void> {
  for (const id of await leasesOf(stack, migration))
    await stack.client.workflow
      .getHandle(id)
      .terminate('lost')
      .catch(() => undefined);
}
