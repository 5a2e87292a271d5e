const light = `
  --page: #ffffff; --text: #1f2328; --muted: #59636e; --line: #d1d9e0;
  --now: #0969da; --before: #818b98; --track: #e6eaef; --training: #818b98; --validation: #bc4c00;
  --series-0: #0969da; --series-1: #bc4c00; --series-2: #1a7f37; --series-3: #8250df;`;
const dark = `
  --page: #1f1f1f; --text: #cccccc; --muted: #9d9d9d; --line: #3c3c3c;
  --now: #4daafc; --before: #7d8590; --track: #333333; --training: #9d9d9d; --validation: #ffa657;
  --series-0: #4daafc; --series-1: #ffa657; --series-2: #56d364; --series-3: #d2a8ff;`;

/**
 * The style of the HTML report: light or dark as the reader's system is, or as VS Code is where that shows the page; black on white
 * on paper.
 */
export const style = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
body.vscode-light, body.vscode-high-contrast-light { color-scheme: light; ${light} }
body.vscode-dark, body.vscode-high-contrast:not(.vscode-high-contrast-light) { color-scheme: dark; ${dark} }
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 32px 24px; max-width: 1040px; background: var(--page); color: var(--text);
  font: 14px/1.5 system-ui, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
}
h1 { margin: 0 0 4px; font-size: 24px; font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 32px 0 2px; font-size: 17px; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 0 0 12px; }
.muted, th[scope="row"] small, td small { color: var(--muted); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 8px 0 4px; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; }
thead th { color: var(--muted); font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
.measures { max-width: 720px; }
.gates td { min-width: 150px; }
.gates td.bias { min-width: 90px; color: var(--muted); }
small { display: block; font-size: 12px; font-weight: 400; }
svg { display: block; width: 100%; height: 8px; margin: 7px 0 5px; }
.track { fill: var(--track); } .share-before { fill: var(--before); } .share-now { fill: var(--now); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 20px; align-items: center; font-size: 12px; color: var(--muted); }
.legend span { white-space: nowrap; }
.curve { margin: 8px 0; } .curve > svg { height: auto; max-width: 720px; }
.curve text { fill: var(--muted); font-size: 12px; } .rule { stroke: var(--line); }
.line { fill: none; stroke-width: 2; } .line.training { stroke: var(--training); stroke-dasharray: 5 3; }
.line.validation { stroke: var(--validation); } circle.training { fill: var(--training); } circle.validation { fill: var(--validation); }
circle.kept { fill: none; stroke: var(--text); stroke-width: 1.5; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); gap: 8px 32px; }
.line.series-0 { stroke: var(--series-0); } .line.series-1 { stroke: var(--series-1); stroke-dasharray: 7 3; }
.line.series-2 { stroke: var(--series-2); stroke-dasharray: 2 3; } .line.series-3 { stroke: var(--series-3); stroke-dasharray: 9 3 2 3; }
.as-it-is { stroke: var(--muted); stroke-dasharray: 1 4; }
h3 { margin: 20px 0 2px; font-size: 15px; } figcaption { font-weight: 600; } figure { margin: 8px 0; }
pre { margin: 8px 0; overflow-x: auto; font: 12px/1.5 ui-monospace, Consolas, monospace; }
.epochs { max-width: 720px; } summary { cursor: pointer; color: var(--muted); }
.legend svg { display: inline-block; width: 12px; height: 12px; margin: 0 6px 0 0; vertical-align: -2px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 8px 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 560px) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; } }
@media print {
  body {
    --page: #ffffff; --text: #000000; --muted: #444444; --line: #bbbbbb;
    --now: #0550ae; --before: #888888; --track: #eeeeee; --training: #777777; --validation: #000000;
    --series-0: #000000; --series-1: #444444; --series-2: #000000; --series-3: #666666;
    max-width: none; padding: 0; font-size: 11px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2 { break-after: avoid; } tr { break-inside: avoid; }
}
`;
