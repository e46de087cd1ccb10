/** A chart over the time of a run: SVG that is made when the report is written, and needs no script. */
import { scaleLinear } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import { html } from 'ghtml';
import type { Html } from './markup.ts';
import type { TimeAxis } from './time-axis.ts';

/** A value that holds until the next one; null where nothing is known. */
export interface ChartPoint {
  at: number;
  value: number | null;
}

/** What is drawn. */
interface Chart {
  id: string;
  title: string;
  /** The essential figures in words. */
  said: string;
  points: readonly ChartPoint[];
  /** How it is painted. */
  kind: 'work' | 'more';
}

/** Pixels from above. Widths are percent, so that letters keep their size on a narrow screen. */
const NAMES = 11;
const TOP = 20;
const BOTTOM = 200;
const LABELS = 217;
const HEIGHT = 224;
/** Units of the drawn line, which is stretched to the width. */
const WIDE = 1000;
const TICKS = 4;
/** From here on `10k` is read more easily than `10,000`. */
const MANY = 10_000;
/** Pixels of a letter, and of a chart on a telephone and on a desk. */
const LETTER = 7;
const NARROW = 280;
const ROOMY = 560;

/** A figure with its caption. */
export function chartOf({ id, title, said, points, kind }: Chart, axis: TimeAxis): Html {
  const most = Math.max(0, ...points.map(({ value }) => value ?? 0));
  const scale = scaleLinear([0, most || 1], [BOTTOM - TOP, 0]).nice(TICKS);
  const x = ({ at }: ChartPoint) => (axis.place(at) / 100) * WIDE;
  const y = ({ value }: ChartPoint) => scale(value ?? 0);
  const isKnown = ({ value }: ChartPoint) => value !== null;
  const below = area<ChartPoint>(x, scale(0), y).digits(1).defined(isKnown).curve(curveStepAfter);
  const edge = line<ChartPoint>(x, y).digits(1).defined(isKnown).curve(curveStepAfter);
  const label = scale.tickFormat(TICKS, most >= MANY ? '~s' : undefined);
  const values = scale.ticks(TICKS).map((value) => ({
    y: TOP + scale(value),
    label: value === 0 ? '0' : label(value),
  }));
  return html`<h3>${title}</h3>
<figure>
<svg class="chart" height="${HEIGHT}" role="img" aria-labelledby="${id}" aria-describedby="${id}-said">
<title id="${id}">${title}</title>
!${axis.bands.map(band).join('\n')}
!${values.map((value) => html`<line class="grid" x2="100%" y1="${value.y}" y2="${value.y}"/><text x="-8" y="${value.y + 4}" text-anchor="end">${value.label}</text>`).join('\n')}
<svg y="${TOP}" width="100%" height="${BOTTOM - TOP}" viewBox="0 0 ${WIDE} ${BOTTOM - TOP}" preserveAspectRatio="none">
<path class="area ${kind}" d="${below([...points]) ?? ''}"/><path class="edge ${kind}" d="${edge([...points]) ?? ''}"/></svg>
!${axis.ticks.map((tick) => html`<text x="${percent(tick.place)}" y="${LABELS}" text-anchor="${anchorAt(tick.place)}">${tick.label}</text>`).join('')}
</svg>
<figcaption id="${id}-said">${said}</figcaption>
</figure>`;
}

function percent(place: number): string {
  return `${place.toFixed(2)}%`;
}

/** So that no label is cut off at an edge. */
function anchorAt(place: number): 'start' | 'middle' | 'end' {
  if (place < 3) return 'start';
  return place > 95 ? 'end' : 'middle';
}

function band({ phase, kind, from, to }: TimeAxis['bands'][number]): Html {
  const needs = (phase.length * LETTER + LETTER) * 100;
  const fits = (pixels: number) => (to - from) * pixels >= needs;
  const name = html`<text class="${fits(NARROW) ? '' : 'roomy'}" x="${percent(from)}" dx="3" y="${NAMES}">${phase}</text>`;
  return html`<rect class="band ${kind}" x="${percent(from)}" y="${TOP}" width="${percent(to - from)}" height="${BOTTOM - TOP}"/>
<line class="grid" x1="${percent(from)}" x2="${percent(from)}" y2="${BOTTOM}"/>!${fits(ROOMY) ? name : ''}`;
}
