/** A heading over one or more columns. */
export interface Heading {
  text: string;
  /** Columns under it; 1 where absent. */
  span?: number;
}

export interface TextTable {
  headings: readonly Heading[];
  rows: readonly (readonly string[])[];
  /** Columns that are aligned to the right: numbers. */
  right?: readonly number[];
}

const gap = '  ';

/** Draws a table in plain text, aligned for terminals in which CJK characters take two columns. No line ends in a space. */
export function drawTable({ headings, rows, right = [] }: TextTable): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(0, ...rows.map((row) => displayWidth(row[at] ?? ''))),
  );
  widenForHeadings(headings, widths);
  const lines = rows.map((row) => row.map((text, at) => pad(text, widths[at], right.includes(at))).join(gap));
  const shown = headings.some(({ text }) => text !== '');
  const all = shown ? [headingLine(headings, widths, right), ...lines] : lines;
  return all.map((line) => line.trimEnd()).join('\n');
}

/** A bar of `cells` characters for a share from 0 to 1; any share above 0 shows. */
export function bar(share: number, cells = 8): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * cells);
  const shown = share > 0 ? Math.max(1, filled) : 0;
  return '█'.repeat(shown) + '░'.repeat(cells - shown);
}

/** Columns that a text takes in a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Fills up with spaces to a width in terminal columns. */
export function pad(text: string, width: number, right = false): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return right ? spaces + text : text + spaces;
}

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
// Unicode's East Asian Width W and F, by the blocks that hold them.
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;

function characterWidth(character: string): number {
  if (zeroWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

function widenForHeadings(headings: readonly Heading[], widths: number[]): void {
  let at = 0;
  for (const { text, span = 1 } of headings) {
    const missing = displayWidth(text) - spanWidth(widths, at, span);
    if (missing > 0) widths[at + span - 1] += missing;
    at += span;
  }
}

function headingLine(
  headings: readonly Heading[],
  widths: readonly number[],
  right: readonly number[],
): string {
  let at = 0;
  return headings
    .map(({ text, span = 1 }) => {
      const first = at;
      at += span;
      return pad(text, spanWidth(widths, first, span), span === 1 && right.includes(first));
    })
    .join(gap);
}

function spanWidth(widths: readonly number[], at: number, span: number): number {
  const under = widths.slice(at, at + span);
  return under.reduce((sum, width) => sum + width, 0) + gap.length * (span - 1);
}
