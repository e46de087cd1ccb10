import { styleText } from 'node:util';

const formats = ['bold', 'dim', 'green', 'yellow', 'red', 'cyan'] as const;

/** How to emphasise text. */
export type Palette = Record<(typeof formats)[number], (text: string) => string>;

/** Colours for a stream; none when it is not a terminal or `NO_COLOR` is set. */
export function paletteFor(stream: NodeJS.WriteStream): Palette {
  const entries = formats.map((format) => [format, (text: string) => styleText(format, text, { stream })]);
  return Object.fromEntries(entries) as Palette;
}
