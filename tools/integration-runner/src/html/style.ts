/** The whole look of the report. Two palettes, one layout that folds at 40 rem. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fafaf8; --card: #ffffff; --ink: #22262b; --soft: #5d6570; --line: #e3e3de; --track: #f1f1ed;
  --passed: #2c7a55; --failed: #c22f3b; --skipped: #7b828c;
  --passed-bar: #7cc19d; --failed-bar: #dd5260; --file-bar: #d3dae3; --lease-bar: #7c8fd6; --starting-bar: #e0a93b; --held-bar: #b9d3e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1d2024; --ink: #e7e6e2; --soft: #a2a9b3; --line: #30353c; --track: #24282d;
    --passed: #73cba0; --failed: #ff8b92; --skipped: #98a0aa;
    --passed-bar: #3f8f69; --failed-bar: #e0606c; --file-bar: #3c434d; --lease-bar: #7688d8; --starting-bar: #c08c2c; --held-bar: #3d5568;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main, header { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
main { padding-bottom: 4rem; }
h1 { margin: 0; font-size: 2rem; line-height: 1.2; letter-spacing: -0.02em; }
h2 { margin: 2.75rem 0 0.9rem; font-size: 1.15rem; letter-spacing: -0.01em; }
h3 { margin: 0; font-size: 1rem; }
p { margin: 0.35rem 0; }
a { color: inherit; text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--lease-bar); outline-offset: 2px; border-radius: 3px; }
code, pre, .mono { font-family: ui-monospace, 'SF Mono', 'DejaVu Sans Mono', monospace; font-size: 0.85em; }
pre { margin: 0.75rem 0 0; padding: 0.8rem 1rem; background: var(--track); border-radius: 8px; overflow-x: auto; white-space: pre-wrap; line-height: 1.45; }
.soft { color: var(--soft); }
.small { font-size: 0.875rem; }
.is-passed { color: var(--passed); } .is-failed { color: var(--failed); } .is-skipped { color: var(--skipped); }
.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 0.75rem; margin: 1.5rem 0 0; padding: 0; }
.totals div, .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 0.75rem 1rem; }
.totals dt { color: var(--soft); font-size: 0.8125rem; }
.totals dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.25; font-variant-numeric: tabular-nums; }
.share { display: block; width: 100%; height: 8px; margin-top: 1rem; border-radius: 4px; overflow: hidden; background: var(--track); }
.card + .card { margin-top: 0.75rem; }
.failure { border-left: 4px solid var(--failed-bar); }
.chip { display: inline-block; padding: 0 0.45rem; border: 1px solid var(--line); border-radius: 99px; color: var(--soft); font-size: 0.75rem; line-height: 1.5; font-weight: 400; }
summary { cursor: pointer; }
details > summary { padding: 0.15rem 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 0.75rem; }
.cards .card { margin: 0; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 0.8125rem; }
th, td { padding: 0.4rem 0.6rem 0.4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th.number { text-align: right; }
tbody th { color: var(--ink); font-size: inherit; }
td:last-child, th:last-child { padding-right: 0; }
.list { list-style: none; margin: 0; padding: 0; }
.list li { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: 0.35rem 0; border-bottom: 1px solid var(--line); }
.list .bar { grid-column: 1 / -1; height: 4px; }
.timeline { padding: 0.9rem 1rem 0.75rem; }
.row { display: grid; grid-template-columns: minmax(0, 13rem) minmax(0, 1fr); gap: 0 1rem; align-items: center; min-height: 1.75rem; }
.row .label { font-size: 0.8125rem; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.row.group { margin-top: 0.7rem; }
.row.group .label { color: var(--ink); font-weight: 600; font-size: 0.875rem; overflow: visible; }
svg { display: block; width: 100%; }
.track { height: 26px; overflow: visible; }
.track .ground { fill: var(--track); }
.axis { height: 20px; overflow: visible; }
.axis text { fill: var(--soft); font-size: 11px; }
.tick { stroke: var(--line); stroke-width: 1; }
.f-file { fill: var(--file-bar); } .f-passed { fill: var(--passed-bar); } .f-failed { fill: var(--failed-bar); } .f-skipped { fill: var(--skipped); }
.f-lease { fill: var(--lease-bar); } .f-starting { fill: var(--starting-bar); } .f-held { fill: var(--held-bar); } .f-fault { fill: var(--failed); }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; margin: 0.8rem 0 0; padding: 0; list-style: none; font-size: 0.8125rem; color: var(--soft); }
.legend svg { display: inline-block; width: 12px; height: 10px; margin-right: 0.4rem; }
@media (max-width: 40rem) {
  body { font-size: 15px; }
  main, header { padding-left: 0.9rem; padding-right: 0.9rem; }
  header { padding-top: 1.5rem; }
  h1 { font-size: 1.6rem; }
  .row { grid-template-columns: minmax(0, 1fr); gap: 0; padding-bottom: 0.3rem; }
  .row .label { white-space: normal; }
  .row.axis-row .label { display: none; }
  .timeline, .card { padding-left: 0.75rem; padding-right: 0.75rem; }
  .totals { grid-template-columns: repeat(auto-fit, minmax(5.5rem, 1fr)); gap: 0.5rem; }
  .totals dd { font-size: 1.25rem; }
  table { font-size: 0.8125rem; }
  th, td { padding-right: 0.45rem; }
}
@media print { body { background: none; } details { display: block; } }
`;
