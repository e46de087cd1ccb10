import { createLogUpdate } from 'log-update';
import type { Watched } from '../run/follow.ts';
import { tuning } from '../run/tuning.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { widthOf } from '../terminal/text.ts';
import { progressLines, type Setting } from './progress-lines.ts';
import type { View } from './view.ts';

/** What a screen shows besides the run. */
export type ScreenSetting = Pick<Setting, 'commands' | 'approves'> & {
  /** What Ctrl-C does. */
  leaving: string;
};

/** A picture on the terminal (stderr) that is repainted in place. */
export class ScreenView implements View {
  readonly #paint = createLogUpdate(process.stderr);
  readonly #palette: Palette = paletteFor(process.stderr);
  readonly #setting: ScreenSetting;
  readonly #timer: NodeJS.Timeout;
  #state: Watched | undefined;
  #notes: string[] = [];
  #notedIn: string | undefined;
  #height = 0;
  #held = false;

  constructor(setting: ScreenSetting) {
    this.#setting = setting;
    this.#timer = setInterval(() => this.#repaint(), tuning.repaintMs);
  }

  show(state: Watched): void {
    // what was noted in one phase is old news in the next
    if (state.progress?.since !== this.#notedIn) this.#notes = [];
    this.#notedIn = state.progress?.since;
    this.#state = { ...state };
    this.#repaint();
  }

  note(lines: string[]): void {
    this.#notes = ['', ...lines.map((line) => `  ${line}`)];
    this.#repaint();
  }

  hold(): () => void {
    this.#repaint();
    this.#paint.done();
    this.#held = true;
    return () => {
      this.#held = false;
    };
  }

  close(): void {
    clearInterval(this.#timer);
    if (!this.#held) this.#paint.clear();
    this.#paint.done();
  }

  #repaint(): void {
    if (this.#held || !this.#state) return;
    const lines = progressLines(this.#state, {
      ...this.#setting,
      width: widthOf(process.stderr, 80),
      now: Date.now(),
      palette: this.#palette,
    });
    lines.push(...this.#notes, '', this.#palette.dim(this.#setting.leaving));
    // log-update 7.2 leaves wreckage when lines are put in above lines that stay
    if (lines.length !== this.#height) this.#paint.clear();
    this.#height = lines.length;
    this.#paint(lines.join('\n'));
  }
}
