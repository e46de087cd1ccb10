/** Set-ups that several vitest projects name and that exist once a run, for the projects' modules are not shared. */

interface Shared {
  value: Promise<unknown>;
  users: number;
}

/**
 * Makes something for the first project that asks, and ends it after the last one that has it.
 * @param name the same for all that share it
 * @returns what was made, and what a project calls when it is done with it
 */
export async function onePerRun<T>(
  name: string,
  make: () => Promise<T>,
  end: (value: T) => Promise<void>,
): Promise<{ value: T; done: () => Promise<void> }> {
  const key = Symbol.for(`shardlift.${name}`);
  const all = globalThis as unknown as Record<symbol, Shared | undefined>;
  all[key] ??= { value: make(), users: 0 };
  const shared = all[key];
  shared.users++;
  const value = (await shared.value) as T;
  return {
    value,
    done: async () => {
      if (--shared.users > 0) return;
      all[key] = undefined;
      await end(value);
    },
  };
}
