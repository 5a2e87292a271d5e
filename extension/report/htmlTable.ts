import type { TextColumns } from '../protocol/sensitivityTables.ts';
import { type Html, html } from './escape.ts';

/** A table whose first column names what a row is about. @param texts the other columns that hold no numbers */
export function dataTable({ head, rows }: TextColumns, texts: readonly number[] = []): Html {
  const [first, ...columns] = head;
  const isText = (at: number) => texts.includes(at + 1);
  return html`<div class="scroll"><table class="parts">
<thead><tr><th scope="col">${first}</th>${columns.map((text, at) =>
    isText(at) ? html`<th scope="col">${text}</th>` : html`<th scope="col" class="number">${text}</th>`,
  )}</tr></thead>
<tbody>${rows.map(
    ([name, ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((text, at) =>
      isText(at) ? html`<td>${text}</td>` : html`<td class="number">${text}</td>`,
    )}</tr>
`,
  )}</tbody>
</table></div>
`;
}
