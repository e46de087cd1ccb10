/** One finding of a plan. */
export interface Check {
  name: string;
  status: 'ok' | 'warning' | 'blocker';
  /** What was found and, unless it is ok, the way out. */
  message: string;
}
