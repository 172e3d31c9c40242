/** The page's style sheet; every colour and font comes from the theme's variables. */
export const pageStyle = `
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--background); color: var(--text); font: 15px/1.5 var(--sans); }
main, header.page, footer { max-width: 1560px; margin: 0 auto; padding: 0 clamp(16px, 3vw, 40px); }
h1 {
  font-size: clamp(21px, 2vw, 28px); line-height: 1.22; font-weight: 620; letter-spacing: -0.012em;
  margin: 6px 0 12px; text-wrap: balance;
}
h2 { font-size: 19px; line-height: 1.3; font-weight: 620; letter-spacing: -0.005em; margin: 0 0 2px; }
h3 { font-size: 15px; font-weight: 620; margin: 0 0 6px; }
p { margin: 0 0 8px; }
a { color: var(--accent); }
code, .mono { font-family: var(--mono); font-size: 0.92em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.muted, .caption { color: var(--muted); }
.caption { font-size: 13.5px; max-width: 78ch; margin-bottom: 10px; }
.num { font-variant-numeric: tabular-nums; }

header.page { padding-top: 22px; }
.found { display: grid; gap: 4px 44px; grid-template-columns: minmax(0, 1fr); margin-top: 10px; }
@media (min-width: 1000px) {
  .found { grid-template-columns: minmax(0, 1fr) minmax(0, 1.12fr); align-items: start; }
  .found .findings { padding-top: 9px; }
}
.masthead {
  display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 20px; align-items: baseline;
  color: var(--muted); font-size: 13.5px;
}
.masthead > div { display: flex; gap: 2px 20px; flex-wrap: wrap; }
.masthead b { color: var(--text); font-weight: 600; }
@media (max-width: 760px) {
  .masthead { grid-template-columns: minmax(0, 1fr); }
  .actions { justify-content: start; margin-top: 6px; }
}
.actions { display: inline-flex; gap: 6px 10px; align-items: center; flex-wrap: wrap; justify-content: end; }
.save { display: inline-flex; gap: 4px; margin-left: 8px; align-items: center; }
.save { font-size: 13px; font-weight: 400; }
.save[hidden] { display: none; }
.save button { height: 24px; padding: 0 7px; font-size: 12px; color: var(--muted); }
.save select { height: 26px; font-size: 12.5px; }
abbr[title] { text-decoration: underline dotted var(--muted); text-underline-offset: 3px; cursor: help; }
.comparable { display: flex; flex-wrap: wrap; gap: 2px 22px; margin-top: 12px;
  padding: 7px 12px; border-left: 3px solid var(--accent); background: var(--surface); font-size: 13.5px; }
.comparable:empty { display: none; }
.findings { max-width: 82ch; font-size: 15px; }
.findings p { margin-bottom: 5px; }
.legend {
  display: inline-flex; gap: 6px 16px; align-items: center; flex-wrap: wrap; color: var(--muted);
  font-size: 13px;
}
.legend > span { display: inline-flex; gap: 6px; align-items: center; }
.swatch { width: 10px; height: 10px; display: inline-block; }
.swatch.hollow { border: 1px solid var(--muted); }

section { margin: 26px 0 0; padding-top: 20px; border-top: 1px solid var(--line); }
.explorer { display: grid; gap: 18px 28px; grid-template-columns: minmax(0, 1fr); margin-top: 20px; }
.explorer > * { min-width: 0; }
@media (min-width: 1180px) { .explorer { grid-template-columns: minmax(0, 1.08fr) minmax(632px, 1fr); } }
.controls {
  display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; margin: 0 0 8px; min-height: 34px;
  font-size: 14px;
}
select, input[type="search"], button {
  font: inherit; font-size: 14px; color: var(--text); background: var(--background);
  border: 1px solid var(--line); border-radius: 5px; padding: 4px 9px; height: 32px;
}
select { padding-right: 4px; }
input[type="search"] { flex: 1 1 220px; min-width: 0; }
button { cursor: pointer; }
button:hover { border-color: var(--muted); }
button[hidden] { display: none; }
.problem { color: var(--warning); font-size: 13px; }
.plot { width: 100%; }
svg.chart { width: 100%; }
/* Narrower, the text of a chart would be too small: it scrolls instead. */
@media screen and (max-width: 620px) {
  .figure:has(> svg.chart) { overflow-x: auto; }
  .figure:has(> svg.chart) > :is(h2, h3, .caption) { position: sticky; left: 0; }
  svg.chart { min-width: 480px; }
  #effects { overflow-x: auto; }
  #effects > svg { width: auto; min-width: 620px; }
  #effects > figcaption { position: sticky; left: 0; }
}
svg.chart [data-candidate], svg.chart [data-place] { cursor: pointer; }
#selection-text:empty { display: none; }
/* Not opacity: a browser composes each of thousands of marks with an opacity by itself. */
svg.chart.has-chosen [data-candidate]:not(.chosen) { fill-opacity: 0.2; stroke-opacity: 0.12 !important; }
.plot.has-chosen .scatterlayer .trace { opacity: 0.32 !important; }
svg.chart .chosen { stroke-opacity: 1 !important; fill-opacity: 1; stroke-width: 2.6 !important; }
svg.chart g .chosen { stroke: var(--accent); }
/* The outline of the last lasso would be dragged by the next one that starts on it. */
.plot .selectionlayer *, .plot .outline-controllers * { pointer-events: none !important; }
.plot.front { height: min(600px, 74vh); min-height: 400px; }
.plot.tall { height: 380px; }
.plot.short { height: 240px; }
.grid { display: grid; gap: 26px 40px; grid-template-columns: minmax(0, 1fr); }
@media (min-width: 1000px) { .grid { grid-template-columns: repeat(2, minmax(0, 1fr)); } }

.rows {
  overflow: auto; max-height: min(600px, 74vh); border-bottom: 1px solid var(--line);
  border-top: 1px solid var(--line); scrollbar-width: thin;
}
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th {
  font-weight: 560; text-align: left; color: var(--muted); white-space: nowrap; padding: 0;
  vertical-align: bottom;
}
thead th {
  position: sticky; top: 0; background: var(--background); box-shadow: inset 0 -1px var(--line);
  z-index: 1;
}
th button {
  all: unset; cursor: pointer; display: block; width: 100%; box-sizing: border-box; padding: 6px 6px;
  white-space: normal; font-size: 12.5px; line-height: 1.3;
}
th button:hover, th[aria-sort] button { color: var(--text); }
th button:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
#head-score .label, #head-score abbr { white-space: nowrap; }
th .unit { display: block; font-weight: 400; font-size: 11.5px; color: var(--muted); }
th.r, th.r button, td.r { text-align: right; }
td {
  padding: 4px 6px; white-space: nowrap; border-top: 1px solid var(--grid);
  font-variant-numeric: tabular-nums;
}
tbody tr:first-child td { border-top: 0; }
#group-differences { overflow-x: auto; }
#group-differences td { white-space: normal; }
details { overflow-x: auto; }
td .half { color: var(--muted); font-size: 0.92em; }
td svg, .detail svg { display: block; }
@media (max-width: 520px) { #rows th:nth-child(2), #rows td:nth-child(2) { display: none; } }
#rows-body tr { cursor: pointer; }
#rows-body td.arm { white-space: normal; min-width: 16ch; }
#rows-body tr:hover, #rows-body tr.hovered { background: var(--surface); }
#rows-body tr.selected { background: var(--selected); box-shadow: inset 3px 0 var(--accent); }
td.mark { padding: 0 0 0 8px; width: 20px; }
.dot { display: inline-block; width: 9px; height: 9px; border-radius: 50%; background: var(--symmetric); }
.dot.asymmetric { background: var(--asymmetric); border-radius: 0; transform: rotate(45deg) scale(0.86); }
.dot.unmixed { background: var(--unmixed); border-radius: 0; transform: scale(0.9); }
.on-front { font-weight: 620; }
.badge { font-size: 11.5px; color: var(--warning); }
.empty { padding: 24px 8px; color: var(--muted); }

.detail {
  display: grid; gap: 12px 32px; margin-top: 14px; padding: 12px 14px; background: var(--surface);
  border-radius: 6px; font-size: 14px; grid-template-columns: minmax(0, 1fr);
}
.detail[hidden] { display: none; }
.detail .name { display: flex; gap: 12px; align-items: end; flex-wrap: wrap; margin-bottom: 6px; }
.detail table { font-size: 13px; }
.detail .scroll { overflow-x: auto; }

.tip {
  position: fixed; z-index: 10; pointer-events: none; max-width: min(360px, 90vw);
  background: var(--background); color: var(--text); border: 1px solid var(--line); border-radius: 6px;
  padding: 8px 11px; font-size: 13px; line-height: 1.45; box-shadow: 0 4px 18px rgb(0 0 0 / 0.16);
}
.tip[hidden] { display: none; }
.tip .strip { margin: 4px 0 5px; display: block; }
.tip dl {
  display: grid; grid-template-columns: auto auto; gap: 0 14px; margin: 0;
  font-variant-numeric: tabular-nums;
}
.tip dt { color: var(--muted); } .tip dd { margin: 0; text-align: right; }

.facts > * { min-width: 0; overflow-x: auto; }
.facts { display: grid; gap: 20px 40px; grid-template-columns: minmax(0, 1fr); }
@media (min-width: 900px) { .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
.facts dl {
  display: grid; grid-template-columns: minmax(9em, auto) minmax(0, 1fr); gap: 2px 16px; margin: 0;
  font-size: 13.5px;
}
.facts dd { overflow-wrap: anywhere; }
.facts dt {
}
pre {
  background: var(--surface); padding: 12px 14px; border-radius: 6px; overflow: auto;
  font: 12.5px/1.5 var(--mono); margin: 0; max-height: 420px; tab-size: 2;
}
.failures td { white-space: normal; vertical-align: top; }
.scroll { overflow-x: auto; }
footer { margin-top: 40px; padding-bottom: 48px; color: var(--muted); font-size: 13px; }
footer p { border-top: 1px solid var(--line); padding-top: 14px; }
noscript p { color: var(--warning); }

.js-plotly-plot .plotly .modebar { opacity: 0; transition: opacity 120ms; }
.js-plotly-plot:hover .plotly .modebar, .js-plotly-plot:focus-within .plotly .modebar { opacity: 1; }
.js-plotly-plot .scatterlayer .js-line { stroke-linejoin: round; stroke-linecap: round; }
@media print {
  .scroll, .figure:has(> svg.chart), #effects { overflow: visible; }
  .scroll table { font-size: 9px; }
  .scroll :is(th, td) { padding: 2px 3px !important; white-space: normal; }
  .scroll td.r { white-space: nowrap; }
  pre { max-height: none; white-space: pre-wrap; overflow-wrap: anywhere; }
  .controls, .modebar, .actions, .save { display: none !important; }
  .rows { max-height: none; overflow: visible; }
  .figure, tr, .plot { break-inside: avoid; }
  .grid, .explorer { display: block; }
  abbr[title] { text-decoration: none; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`;
