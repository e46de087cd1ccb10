import type { Watched } from '../run/follow.ts';
import { alternatives } from './lines-view.ts';
import { type Setting, waiting } from './progress-lines.ts';
import type { View } from './view.ts';

/**
 * One JSON object a line on stdout, whenever the answer of the `progress` query has changed. Notes for people go to
 * stderr.
 */
export class JsonView implements View {
  readonly #setting: Pick<Setting, 'commands' | 'approves'>;
  #last = '';
  #noted = '';

  constructor(setting: Pick<Setting, 'commands' | 'approves'>) {
    this.#setting = setting;
  }

  show({ progress, trouble, silence }: Watched): void {
    const next = progress && waiting(progress, this.#setting);
    const note =
      silence ?? trouble?.reason ?? (next ? [next.text, ...alternatives(next.commands)].join('\n') : '');
    if (note && note !== this.#noted) this.note([note]);
    this.#noted = note;
    if (!progress) return;
    const line = JSON.stringify(progress);
    if (line !== this.#last) process.stdout.write(`${line}\n`);
    this.#last = line;
  }

  note(lines: string[]): void {
    process.stderr.write(`${lines.join('\n')}\n`);
  }

  hold(): () => void {
    return () => undefined;
  }

  close(): void {
    // nothing was painted
  }
}
