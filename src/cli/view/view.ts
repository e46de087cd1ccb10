/** What shows a run while it goes on. */
import type { Watched } from '../run/follow.ts';

/** One way to show it: repainted on a terminal, in lines, or as JSON. */
export interface View {
  show(state: Watched): void;
  /** Text that stays. */
  note(lines: string[]): void;
  /** Leaves the terminal to a question, until the function that it gives is called. */
  hold(): () => void;
  /** Clears what was painted for the moment. */
  close(): void;
}
