/** Opens what the tests of a process share before the first of them is timed. */
import { beforeAll } from 'vitest';
import { world } from './world.ts';

beforeAll(async () => {
  await world();
});
