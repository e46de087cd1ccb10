/** For `JSON.parse`: numbers as the text that they are, for they may be beyond what a number holds exactly. */
export function digits(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? context?.source : value;
}
