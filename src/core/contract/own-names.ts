/** Names of what the product puts on a server while it works there. */

/** Names of indexes and tasks on a source that begin so are the product's own, and stay there. */
export const OWN_PREFIX = 'Shardlift/';

/** Keys of compare exchange that begin so are the product's notes on a target. RavenDB keeps keys in lower case. */
export const OWN_KEY_PREFIX = OWN_PREFIX.toLowerCase();

/** A name for something of one run. Each run has its own, so that the end of one does not remove another's. */
export function ownName(what: string, workflowId: string): string {
  return `${OWN_PREFIX}${what}/${workflowId.replaceAll(/[^\w.-]/g, '_')}`;
}
