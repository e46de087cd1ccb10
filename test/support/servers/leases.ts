import type { Migration, Stack } from './stack.ts';

/** Ends the leases of a migration by force: nobody undoes its fence any more. */
export async function terminateLeases({ client }: Stack, { id }: Migration): Promise<void> {
  for await (const { workflowId } of client.workflow.list({ query: 'WorkflowType = "holdFence"' }))
    if (workflowId.startsWith(id))
      await client.workflow
        .getHandle(workflowId)
        .terminate('lost')
        .catch(() => undefined);
}
