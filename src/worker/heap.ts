/**
 * Keeps the memory of a worker small: to be imported before anything else. A copy makes much that lives for a moment;
 * V8 by itself lets the space for that grow, and gains no time by it here, for the servers are what takes time.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--optimize-for-size');
// collect when a fifth has been added, the bytes of buffers included
setFlagsFromString('--heap-growing-percent=20');
setFlagsFromString('--external-memory-accounted-in-global-limit');
