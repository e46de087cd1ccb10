/** How a report looks: on a screen, light or dark, and on paper. No font and no picture comes from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1c2024; --soft: #5a6470; --line: #d8dde3; --panel: #f5f7f9;
  --work: #2f6fde; --wait: #aab4c0; --outage: #c4481c; --more: #8250c4; --good: #18794e; --bad: #b42318; --warn: #8a5300; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #e8ebee; --soft: #a3adb8; --line: #343b43; --panel: #1d2227;
    --work: #6ea0f5; --wait: #5a6570; --outage: #f08a5d; --more: #b794f0; --good: #5fcf9a; --bad: #ff8f85; --warn: #f0b35a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
.outcome { display: inline-block; font-weight: 600; padding: .1rem .75rem; border-radius: 1rem; border: 2px solid; }
.good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--warn); }
.box { background: var(--panel); border-left: 4px solid; padding: .75rem 1rem; margin: 1rem 0; }
.box p { margin: 0; color: var(--ink); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; }
.table { overflow-x: auto; } .table + .table, dl + .table { margin-top: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { overflow-wrap: break-word; text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; }
.whole { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; } td.number { white-space: nowrap; }
td:has(.bar) { width: 40%; vertical-align: middle; }
.bar { display: block; height: .8rem; min-width: 2px; border-radius: 2px; background: var(--work); }
.bar.wait { background: repeating-linear-gradient(135deg, var(--wait) 0 6px, transparent 6px 10px); }
.bar.outage { background: var(--outage); } .bar.more { background: var(--more); }
figure { margin: .75rem 0 .5rem; } figcaption, .said { color: var(--soft); padding-top: .5rem; }
.chart { display: block; width: calc(100% - 2.75rem); margin-left: 2.75rem; overflow: visible; font-size: 12px; }
.chart text { fill: var(--soft); font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); } .band { fill: none; }
.band.wait { fill: var(--wait); opacity: .25; } .band.outage { fill: var(--outage); opacity: .25; }
.edge { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; } .area { opacity: .2; }
.edge.work { stroke: var(--work); } .area.work { fill: var(--work); }
.edge.more { stroke: var(--more); } .area.more { fill: var(--more); }
details { margin: 1rem 0; } summary { cursor: pointer; font-weight: 600; }
pre { background: var(--panel); padding: 1rem; overflow-x: auto; font-size: .85rem; }
footer { color: var(--soft); padding-top: 2rem; padding-bottom: 2rem; font-size: .85rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dt { margin-top: .5rem; } .roomy { display: none; } }
@media print {
  :root { color-scheme: light; --paper: #ffffff; --ink: #000000; --soft: #444444; --line: #cccccc; --panel: #ffffff; }
  header, main, footer { max-width: none; } tr, .box { break-inside: avoid; } h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; }
}
`;
