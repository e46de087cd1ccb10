import open from 'open';

/** What tells whether a person can see a browser from here. */
export interface Surroundings {
  isTTY: boolean | undefined;
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
}

/** Whether somebody sits at a terminal of a machine with a screen, and not at the far end of a connection. */
export function hasScreen({ isTTY, platform, env }: Surroundings): boolean {
  if (!isTTY || env.SSH_CONNECTION || env.CI) return false;
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Opens a page in the browser. That none opens is no failure: whoever calls this has printed where the page is. */
export async function openInBrowser(path: string): Promise<void> {
  await open(path).catch(() => undefined);
}
