import { describeForecast } from '../../core/compare/repair.ts';
import { describeVerification } from '../../core/compare/verification.ts';
import { isFinal } from '../../core/contract/phases.ts';
import { replicationTrouble } from '../../core/replication/replication.ts';
import { describeLimit, describeTransferred } from '../../core/run/page.ts';
import type { Watched } from '../run/follow.ts';
import { tuning } from '../run/tuning.ts';
import { type Setting, waiting } from './progress-lines.ts';
import type { View } from './view.ts';

/** Lines for a pipe or a log: one for each phase and each event, and progress from time to time. */
export class LinesView implements View {
  readonly #write: (line: string) => void;
  readonly #setting: Pick<Setting, 'commands' | 'approves'>;
  #phases = 0;
  #said: Record<string, string | undefined> = {};
  #progressAt = 0;

  /** @param write takes a line without its end */
  constructor(setting: Pick<Setting, 'commands' | 'approves'>, write: (line: string) => void) {
    this.#setting = setting;
    this.#write = write;
  }

  show({ progress, timings, trouble, silence }: Watched, now = Date.now()): void {
    for (const { phase, startedAt } of timings.slice(this.#phases)) {
      this.#line(phase, Date.parse(startedAt));
      this.#progressAt = now;
    }
    this.#phases = Math.max(this.#phases, timings.length);
    if (progress) {
      const { attention, lastRefusal, verification, approval, transferred, lag, phase } = progress;
      const { replication, dryRun } = progress;
      const trouble = replication && !isFinal(phase) && replicationTrouble(replication);
      this.#once('replication', trouble && `replication: ${trouble}`);
      const limit = describeLimit(progress);
      this.#once('limit', limit && `limit: ${limit}`);
      this.#once('verification', verification && `verification: ${describeVerification(verification)}`);
      this.#once('dry run', dryRun && `dry run of a repair: ${describeForecast(dryRun.found)}`);
      // at the end it says why, and so does the summary
      this.#once('attention', attention && !isFinal(phase) && `attention: ${attention}`);
      this.#once('refusal', lastRefusal && `refused ${lastRefusal.request}: ${lastRefusal.reason}`);
      this.#once(
        'approval',
        approval && `approved by ${approval.by}${approval.note && `: ${approval.note}`}`,
      );
      const next = waiting(progress, this.#setting);
      if (this.#once('waiting', next?.text)) this.note(alternatives(next?.commands ?? []));
      if (!isFinal(phase) && now - this.#progressAt >= tuning.lineMs) {
        const far = transferred ? describeTransferred(transferred) : undefined;
        const behind = lag && lag.etags > 0 ? `${lag.etags} changes behind` : undefined;
        const text = [far, behind].filter((part) => part !== undefined).join(', ');
        if (text && this.#once('progress', `${phase}: ${text}`)) this.#progressAt = now;
      }
    }
    this.#once('trouble', trouble && `trouble: ${trouble.reason}`);
    this.#once('silence', silence);
  }

  note(lines: string[]): void {
    for (const line of lines) this.#write(line);
  }

  hold(): () => void {
    return () => undefined;
  }

  close(): void {
    // lines stay
  }

  /** Writes a line unless it was the last one of its kind. */
  #once(kind: string, text: string | false | null | undefined): boolean {
    const isNews = text !== this.#said[kind];
    this.#said[kind] = text || undefined;
    if (text && isNews) this.#line(text);
    return isNews;
  }

  #line(text: string, at = Date.now()): void {
    this.#write(`${new Date(at).toTimeString().slice(0, 8)}  ${text}`);
  }
}

/** Commands that do the same. */
export function alternatives(commands: string[]): string[] {
  return commands.flatMap((command, index) => (index === 0 ? [`  ${command}`] : ['or', `  ${command}`]));
}
