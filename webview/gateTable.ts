import { type Cell, type LayerRows, matrices, matrixShape } from '../extension/protocol/comparison.ts';
import { gateLabels } from '../extension/protocol/labels.ts';
import { bar } from './bar.ts';
import type { Drawing } from './context.ts';
import { type Child, element } from './dom.ts';

/** The gates of a layer × its matrices: how much is zero, before and after where there is an after, else how much nearly. */
export function gateTable({ before, rows }: LayerRows, drawing: Drawing): HTMLElement {
  const { say } = drawing;
  const heads = matrices.map((matrix) =>
    element(
      'th',
      { scope: 'col', class: 'matrix' },
      say(matrix),
      ' ',
      element('span', { class: 'shape' }, matrixShape(before, matrix)),
    ),
  );
  return element(
    'table',
    { class: 'gates' },
    element('caption', { class: 'unseen' }, say('gatesOfLayer', { layer: before.name })),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col', class: 'gate' }, say('gate')),
        ...heads,
        element('th', { scope: 'col', class: 'bias' }, say('bias')),
      ),
    ),
    element(
      'tbody',
      {},
      ...rows.map((row) =>
        element(
          'tr',
          {},
          element(
            'th',
            { scope: 'row', class: 'gate' },
            element('span', { class: 'gate-name' }, row.gate),
            ' ',
            element('span', { class: 'gate-meaning' }, say(gateLabels[row.gate])),
          ),
          ...matrices.map((matrix) => matrixCell(row[matrix], drawing)),
          biasCell(row.bias, drawing),
        ),
      ),
    ),
  );
}

function matrixCell({ before, after }: Cell, { say, numbers }: Drawing): HTMLElement {
  const count = say('weights', { count: numbers.count(before.size) });
  const near = before.nearZero / Math.max(1, before.size);
  const shares: Child[] = after
    ? [
        element(
          'span',
          { class: 'shares' },
          element('span', { class: 'was' }, `${numbers.percent(before.sparsity)} → `),
          element('span', { class: 'now' }, numbers.percent(after.sparsity)),
        ),
      ]
    : [
        element('span', { class: 'shares' }, say('zero', { share: numbers.percent(before.sparsity) })),
        element('span', { class: 'was' }, say('nearZero', { share: numbers.percent(near) })),
      ];
  const mean = after
    ? say('fromTo', { before: numbers.magnitude(before.meanAbs), after: numbers.magnitude(after.meanAbs) })
    : numbers.magnitude(before.meanAbs);
  return element(
    'td',
    {},
    bar(before.sparsity, after ? after.sparsity : near),
    element('div', { class: 'numbers' }, ...shares),
    element(
      'div',
      { class: 'detail' },
      element('span', {}, count),
      element('span', {}, say('meanAbs', { value: mean })),
    ),
  );
}

function biasCell(bias: Cell | undefined, { say, numbers }: Drawing): HTMLElement {
  if (!bias) return element('td', { class: 'bias' }, say('noBias'));
  const { before, after = before } = bias;
  return element(
    'td',
    { class: 'bias' },
    element('div', {}, say('zero', { share: numbers.percent(after.sparsity) })),
    element(
      'div',
      { class: 'detail' },
      element('span', {}, say('values', { count: numbers.count(after.size) })),
      element('span', {}, say('meanAbs', { value: numbers.magnitude(after.meanAbs) })),
    ),
  );
}
