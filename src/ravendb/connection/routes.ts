/** What a server answers, as it says itself: versions of RavenDB differ in their requests, and numbers are never compared. */
import { isRefusal } from './errors.ts';
import type { RavenHttp } from './http.ts';

/** The routes of one connection. */
export class ServerRoutes {
  #known: Promise<ReadonlySet<string> | undefined> | undefined;

  /**
   * Whether a server knows a request; yes where it does not tell. A server that was updated since it was asked still knows
   * the older of two requests.
   * @throws RavenError
   */
  async knows(http: RavenHttp, route: string): Promise<boolean> {
    // several pieces of work may wait for it, and one that is told to stop must not end the others
    this.#known ??= ask(http.unaborted);
    try {
      return (await this.#known)?.has(route) ?? true;
    } catch (error) {
      this.#known = undefined;
      throw error;
    }
  }
}

async function ask(http: RavenHttp): Promise<ReadonlySet<string> | undefined> {
  try {
    // lists by sort; in a path a `*` stands for the name of a database
    const sorts = await http.json<Record<string, unknown>>({
      doing: 'Reading what the server answers',
      path: '/debug/routes',
    });
    const lists = Object.values(sorts).filter(Array.isArray) as { Path: string }[][];
    return new Set(lists.flat().map(({ Path }) => Path));
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
