/** Names of what the product puts on a source while it works there. */

/** What begins so is the product's own; it never leaves the source. */
export const OWN_PREFIX = 'Shardlift/';

/** A name for something of one run: each run has its own, so that the end of one does not take away another's. */
export function ownName(what: string, workflowId: string): string {
  return `${OWN_PREFIX}${what}/${workflowId.replaceAll(/[^\w.-]/g, '_')}`;
}
