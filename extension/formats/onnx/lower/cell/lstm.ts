import { type GateView, transposedView, wholeView } from '../../../../model/gateView.ts';
import type { CellActivation, ValueName } from '../../../../model/graph.ts';
import { activationOf } from './activation.ts';
import { type CellBody, clippedOf, made, restOf } from './body.ts';
import { allGates, type CellMatch, type FoundGate, gateOf, same, storedGate } from './match.ts';

/**
 * An LSTM: c' = f c + i g, h' = o act(c'), perhaps projected. Where i is 1 − f, the layer has no input gate.
 * @param next what each state is after the step
 */
export function lstmOf(body: CellBody, next: readonly ValueName[]): CellMatch | undefined {
  for (const [c, after] of next.entries()) {
    const cell = stateOf(body, after, body.states[c]);
    if (!cell) continue;
    for (const [h, output] of next.entries()) {
      const found = h === c ? undefined : outputOf(body, output, after, h, c, cell);
      if (found) return { ...found, next: [output, after] };
    }
  }
  return undefined;
}

interface CellState {
  readonly f: ValueName;
  /** The factors of what is added to the state. */
  readonly added: readonly ValueName[];
  readonly clip?: number;
}

/** clip(f c + a b) */
function stateOf(body: CellBody, after: ValueName, c: ValueName): CellState | undefined {
  const { of, limit } = clippedOf(body, after);
  const products = made(body, of, 'Add')?.inputs.map((name) => made(body, name, 'Mul')?.inputs);
  if (products?.length !== 2) return undefined;
  const kept = products.findIndex((factors) => factors?.length === 2 && factors.includes(c));
  const [keeping, added] = [products[kept], products[1 - kept]];
  if (!keeping || added?.length !== 2) return undefined;
  return { f: keeping[1 - keeping.indexOf(c)], added, ...(limit !== undefined && { clip: limit }) };
}

function outputOf(
  body: CellBody,
  output: ValueName,
  after: ValueName,
  h: number,
  c: number,
  { f, added, clip: cellClip }: CellState,
): Omit<CellMatch, 'next'> | undefined {
  const projected = projectionOf(body, output);
  const factors = made(body, projected?.of ?? output, 'Mul')?.inputs;
  if (factors?.length !== 2) return undefined;
  const inputs = { h: body.states[h], c: body.states[c] };
  const cells = factors.map((name) => activationOf(body, name));
  const at = cells.findIndex((applied) => applied?.to === after);
  const outputActivation = cells[at]?.activation;
  const o = gateOf(body, factors[1 - at], { ...inputs, c: after });
  const forget = gateOf(body, f, inputs);
  const input = inputGate(body, f, added, inputs, o?.activation);
  if (!outputActivation || !o || !forget || !input) return undefined;
  const { i, g } = input;
  const present = [...(i ? [i] : []), forget, o];
  const clips = new Set([...present, g].map(({ clip }) => clip));
  if (clips.size > 1 || !present.every(({ activation }) => same(activation, o.activation))) return undefined;
  const gates = allGates([
    ...(i ? [storedGate('i', i.sum)] : []),
    storedGate('f', forget.sum),
    storedGate('c', g.sum),
    storedGate('o', o.sum),
  ]);
  if (!gates || g.sum.peephole) return undefined;
  const [{ kernel }] = gates;
  const [clip] = clips;
  return {
    h,
    c,
    layer: {
      cell: 'LSTM',
      inputSize: kernel.columns,
      hiddenSize: kernel.rows,
      gates,
      ...(projected && { projection: projected.view }),
      ...(projected?.bias && { projectionBias: projected.bias }),
    },
    node: {
      gateActivation: o.activation,
      activation: g.activation,
      ...(!same(outputActivation, g.activation) && { outputActivation }),
      ...(clip !== undefined && { clip }),
      ...(cellClip !== undefined && { cellClip }),
      ...(projected?.limit !== undefined && { projectionClip: projected.limit }),
    },
  };
}

/** Which of two factors is the input gate, by its activation, and which the candidate. */
function inputGate(
  body: CellBody,
  f: ValueName,
  [a, b]: readonly ValueName[],
  inputs: { readonly h: ValueName; readonly c: ValueName },
  gateActivation: CellActivation | undefined,
): { readonly i?: FoundGate; readonly g: FoundGate } | undefined {
  for (const [gate, candidate] of [
    [a, b],
    [b, a],
  ]) {
    const g = gateOf(body, candidate, inputs);
    if (!g || g.sum.peephole) continue;
    if (restOf(body, gate) === f) return { g };
    const i = gateOf(body, gate, inputs);
    if (i && same(i.activation, gateActivation)) return { i, g };
  }
  return undefined;
}

interface Projected {
  readonly of: ValueName;
  /** [P,H] */
  readonly view: GateView;
  readonly bias?: GateView;
  readonly limit?: number;
}

/** clip(x · P + b) */
function projectionOf(body: CellBody, name: ValueName): Projected | undefined {
  const { of, limit } = clippedOf(body, name);
  const node = made(body, of, 'MatMul');
  if (node?.weight.shape.length !== 2) return undefined;
  return {
    of: node.inputs[0],
    view: node.transposed ? transposedView(node.weight) : wholeView(node.weight),
    ...(node.bias && { bias: wholeView(node.bias) }),
    ...(limit !== undefined && { limit }),
  };
}
