/** One finding of a plan. */
export interface Check {
  name: string;
  status: 'ok' | 'warning' | 'blocker';
  /** What was found and, unless it is ok, the way out. */
  message: string;
}

/** A finding that needs nothing. */
export function ok(name: string, message: string): Check {
  return { name, status: 'ok', message };
}

/** A finding that people should know. @param message says the way out, too */
export function warning(name: string, message: string): Check {
  return { name, status: 'warning', message };
}

/** A finding with which the run does not start. @param message says the way out, too */
export function blocker(name: string, message: string): Check {
  return { name, status: 'blocker', message };
}
