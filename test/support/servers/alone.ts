import { startRavenDb } from '../../../dev/servers/index.ts';
import { Stack } from './stack.ts';

/**
 * A stack with a RavenDB of its own: what other databases of a cluster do with compare exchange undoes a fence in its first
 * moment.
 */
export async function openAlone(): Promise<{ stack: Stack; close: () => Promise<void> }> {
  const ravendb = await startRavenDb();
  const stack = await Stack.open({ ravendbUrl: ravendb.url });
  const close = async () => {
    await stack.close();
    await ravendb.stop();
  };
  return { stack, close };
}
