/** Pieces of HTML that the sections of a report are made of. Texts are escaped; pieces go into each other as they are. */
import { html } from 'ghtml';
import { utc } from './text.ts';

/** HTML that is safe to put into other HTML. */
export type Html = string;

/** A cell of a table: a text, a number, or a piece of HTML. */
export type Cell = string | number | { html: Html };

/** A column of a table: its title, and whether it holds numbers. */
export type Column = string | { number: string };

/** A section with a title; nothing without content. */
export function section(title: string, ...content: Html[]): Html {
  const inner = content.filter((each) => each !== '').join('\n');
  if (inner === '') return '';
  const id = title.toLowerCase().replaceAll(/\W+/g, '-');
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>!${inner}</section>`;
}

/** A table; nothing without rows. @param caption for those who hear it */
export function table(caption: string, columns: readonly Column[], rows: readonly Cell[][]): Html {
  if (rows.length === 0) return '';
  const heads = columns.map((column) =>
    typeof column === 'string'
      ? html`<th scope="col">${column}</th>`
      : html`<th scope="col" class="number">${column.number}</th>`,
  );
  const body = rows.map(
    (row) => html`<tr>!${row.map((cell, at) => cellOf(cell, columns[at] ?? '')).join('')}</tr>`,
  );
  return html`<div class="table" role="region" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>!${heads.join('')}</tr></thead>
<tbody>
!${body.join('\n')}
</tbody></table></div>`;
}

function cellOf(cell: Cell, column: Column): Html {
  const inner = typeof cell === 'object' ? cell.html : html`${cell}`;
  return typeof column === 'string' ? html`<td>!${inner}</td>` : html`<td class="number">!${inner}</td>`;
}

/** A time, whose day and hour stay whole in a narrow column. */
export function moment(iso: string): Cell {
  const [day = '', ...hour] = utc(iso).split(' ');
  return { html: html`<span class="whole">${day}</span> <span class="whole">${hour.join(' ')}</span>` };
}

/** Facts, each with its name; nothing without any. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): Html {
  const known = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '');
  if (known.length === 0) return '';
  return html`<dl>!${known.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`).join('')}</dl>`;
}

/** A list; nothing without items. */
export function list(title: string, items: readonly string[]): Html {
  if (items.length === 0) return '';
  return html`<h3>${title}</h3><ul>!${items.map((item) => html`<li>${item}</li>`).join('')}</ul>`;
}

/** A bar whose length is a share of the longest one. @param share from 0 to 1 @param kind how it is painted */
export function bar(share: number, kind: 'work' | 'wait' | 'outage' | 'more' = 'work'): Cell {
  const percent = (100 * Math.min(1, Math.max(0, share))).toFixed(1);
  return { html: html`<span class="bar ${kind}" style="width:${percent}%"></span>` };
}

/** Something that is there for who wants it. */
export function details(summary: string, content: Html): Html {
  return content === '' ? '' : html`<details><summary>${summary}</summary>!${content}</details>`;
}
