import { createLogUpdate } from 'log-update';
import { isFinal } from '../../core/contract/phases.ts';
import type { JobProgress } from '../../core/run/job.ts';
import { describeTransferred } from '../../core/run/page.ts';
import type { Watched } from '../run/follow.ts';
import { describeTrouble } from '../run/trouble.ts';
import { paletteFor } from '../terminal/palette.ts';

/** A plan while it is made: one line that is repainted on a terminal, a line for each phase elsewhere, or JSON. */
export class PlanView {
  readonly #json: boolean;
  readonly #paint = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;
  #last = '';

  constructor(json: boolean) {
    this.#json = json;
  }

  show({ progress, trouble, silence, workflowId }: Watched<JobProgress>): void {
    if (this.#json && progress) {
      const line = JSON.stringify(progress);
      if (line !== this.#last) process.stdout.write(`${line}\n`);
      this.#last = line;
      return;
    }
    if (silence || !progress) {
      const text = silence ?? `${workflowId}: waiting for a worker to take it`;
      this.#say(text, text);
      return;
    }
    const { phase, transferred, attention } = progress;
    if (isFinal(phase)) return;
    if (trouble) {
      this.#say(trouble.reason, `${phase}: ${describeTrouble(trouble)}`);
      return;
    }
    const far = attention ?? (transferred ? describeTransferred(transferred) : '');
    this.#say(phase, `${phase}${far && `: ${far}`}`);
  }

  close(): void {
    this.#paint?.clear();
  }

  #say(news: string, text: string): void {
    if (this.#paint) {
      const { dim } = paletteFor(process.stderr);
      this.#paint(`${text}\n${dim('Ctrl-C leaves; the plan goes on.')}`);
    } else if (news !== this.#last)
      process.stderr.write(`${new Date().toTimeString().slice(0, 8)}  ${text}\n`);
    this.#last = news;
  }
}
