import type { GateView } from '../../../../model/gateView.ts';
import type { ValueName } from '../../../../model/graph.ts';
import { activationOf } from './activation.ts';
import { type CellBody, clippedOf, made, restOf } from './body.ts';
import { allGates, type CellMatch, type FoundGate, gateOf, same, storedGate } from './match.ts';
import { type Sum, sumOf, together } from './sum.ts';

/** A GRU: h' = z h + (1 − z) g, the reset gate before the recurrent product of g, or behind it. */
export function gruOf(body: CellBody, next: readonly ValueName[]): CellMatch | undefined {
  for (const [index, after] of next.entries()) {
    const h = body.states[index];
    const products = made(body, after, 'Add')?.inputs.map((name) => made(body, name, 'Mul')?.inputs);
    const kept = products?.findIndex((factors) => factors?.length === 2 && factors.includes(h)) ?? -1;
    const [keeping, added] = [products?.[kept], products?.[1 - kept]];
    if (products?.length !== 2 || !keeping || added?.length !== 2) continue;
    const update = keeping[1 - keeping.indexOf(h)];
    const rest = added.findIndex((name) => restOf(body, name) === update);
    const z = gateOf(body, update, { h });
    const g = rest === -1 ? undefined : candidateOf(body, added[1 - rest], h);
    const found = z && g && { h: index, next: [after], ...cellOf(z, g) };
    if (found?.layer && found.node) return found as CellMatch;
  }
  return undefined;
}

interface Candidate extends FoundGate {
  readonly r: FoundGate;
  readonly linearBeforeReset: boolean;
}

/** act(clip(x K + b + r (h R + c))), or act(clip(x K + b + (r h) R + c)) */
function candidateOf(body: CellBody, name: ValueName, h: ValueName): Candidate | undefined {
  const applied = activationOf(body, name);
  if (!applied) return undefined;
  const { of, limit } = clippedOf(body, applied.to);
  const terms = termsOf(body, of);
  if (terms.length > mostTerms) return undefined;
  for (const [at, term] of terms.entries()) {
    const input = together(terms.toSpliced(at, 1).map((other) => sumOf(body, other, { h })));
    const reset = input && (resetBehind(body, term, h) ?? resetBefore(body, term, h));
    if (!input || !reset || input.recurrent) continue;
    const { r, recurrent, bias, linearBeforeReset } = reset;
    const sum: Sum = { ...input, recurrent, ...(bias && { recurrentBias: bias }) };
    return {
      activation: applied.activation,
      sum,
      r,
      linearBeforeReset,
      ...(limit !== undefined && { clip: limit }),
    };
  }
  return undefined;
}

/** What is added up, however it is bracketed. */
function termsOf(body: CellBody, name: ValueName, depth = 0): ValueName[] {
  const inputs = depth < deepest ? made(body, name, 'Add')?.inputs : undefined;
  if (!inputs || inputs.length > mostTerms) return [name];
  return inputs.flatMap((input) => termsOf(body, input, depth + 1));
}

/** Sums of more sums, or of more terms, are no cell. */
const deepest = 4;
const mostTerms = 8;

interface Reset {
  readonly r: FoundGate;
  /** Of the candidate. */
  readonly recurrent: GateView;
  readonly bias: GateView | undefined;
  readonly linearBeforeReset: boolean;
}

function resetBehind(body: CellBody, name: ValueName, h: ValueName): Reset | undefined {
  const factors = made(body, name, 'Mul')?.inputs ?? [];
  for (const [at, factor] of factors.entries()) {
    const sum = factors.length === 2 && sumOf(body, factor, { h });
    const { recurrent, kernel, recurrentBias, kernelBias } = sum || {};
    const r = recurrent && !kernel && gateOf(body, factors[1 - at], { h });
    if (r) return { r, recurrent, bias: recurrentBias ?? kernelBias, linearBeforeReset: true };
  }
  return undefined;
}

function resetBefore(body: CellBody, name: ValueName, h: ValueName): Reset | undefined {
  const product = made(body, name, 'MatMul');
  const factors = made(body, product?.inputs[0], 'Mul')?.inputs;
  if (factors?.length !== 2 || !factors.includes(h)) return undefined;
  const r = gateOf(body, factors[1 - factors.indexOf(h)], { h });
  const sum = sumOf(body, name, { h: product?.inputs[0] ?? '' });
  const { recurrent, recurrentBias } = sum ?? {};
  return r && recurrent && { r, recurrent, bias: recurrentBias, linearBeforeReset: false };
}

function cellOf(z: FoundGate, g: Candidate): Partial<Pick<CellMatch, 'layer' | 'node'>> {
  const { r, linearBeforeReset, activation, clip } = g;
  const alike = same(z.activation, r.activation) && z.clip === clip && r.clip === clip;
  const gates = allGates([storedGate('z', z.sum), storedGate('r', r.sum), storedGate('h', g.sum)]);
  if (!alike || !gates) return {};
  const [{ kernel }] = gates;
  return {
    layer: { cell: 'GRU', inputSize: kernel.columns, hiddenSize: kernel.rows, gates },
    node: {
      gateActivation: z.activation,
      activation,
      linearBeforeReset,
      ...(clip !== undefined && { clip }),
    },
  };
}
