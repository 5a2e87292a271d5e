import type { Session } from '../../engine/session.ts';
import type { CellActivation, RecurrentNode, ValueName } from '../../model/graph.ts';
import { candidateGate, outputSize, type RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Tensor } from '../../model/tensor.ts';
import type { GateFindings } from '../../protocol/sensitivity.ts';
import { forEachStep, stepValues } from '../evidence/steps.ts';
import { limits } from './limits.ts';

/** A layer in the graph, and its `gateGraph` in a session. */
export interface WatchedNode {
  readonly node: RecurrentNode;
  readonly gates: Session;
}

/** Of one gate, over steps; [H] each. */
interface GateSums {
  steps: number;
  readonly plain: Float64Array;
  readonly squares: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** What the gates of layers do over data. */
export class GateActivities {
  readonly values: readonly ValueName[];
  readonly #watched: readonly WatchedNode[];
  readonly #sums = new Map<RecurrentLayer, GateSums[]>();

  constructor(watched: readonly WatchedNode[]) {
    this.#watched = watched;
    this.values = watched.flatMap(({ node }) => stepValues(node));
  }

  /** Adds the unmasked steps of a batch. */
  async add(value: (name: ValueName) => Tensor): Promise<void> {
    for (const { node, gates } of this.#watched) {
      const { layer } = node;
      const rows = { x: [] as Tensor['data'][], h: [] as Tensor['data'][] };
      forEachStep(node, value, ({ x, before }) => {
        rows.x.push(x);
        rows.h.push(before);
      });
      if (rows.x.length === 0) continue;
      const inputs = [stacked(rows.x, layer.inputSize), stacked(rows.h, outputSize(layer))];
      const outputs = await gates.forward(inputs);
      const sums = this.#sums.get(layer) ?? layer.gates.map(() => noSums(layer));
      this.#sums.set(layer, sums);
      for (const [g, { data }] of outputs.entries()) addRows(sums[g], data);
    }
  }

  /** In canonical order; none of a layer that was not watched. */
  findings(layer: RecurrentLayer): GateFindings[] {
    const node = this.#watched.find((one) => one.node.layer === layer)?.node;
    const sums = this.#sums.get(layer);
    if (!node || !sums) return [];
    return layer.gates.map(({ name }, g) => {
      const isGate = name !== candidateGate[layer.cell];
      return {
        gate: name,
        ...constantUnits(sums[g]),
        ...(isGate && isShare(node.gateActivation) && { saturation: saturationOf(sums[g]) }),
      };
    });
  }
}

function noSums({ hiddenSize }: RecurrentLayer): GateSums {
  const zeros = () => new Float64Array(hiddenSize);
  return { steps: 0, plain: zeros(), squares: zeros(), low: zeros(), high: zeros() };
}

function addRows(sums: GateSums, values: Tensor['data']): void {
  const { plain, squares, low, high } = sums;
  const width = plain.length;
  sums.steps += values.length / width;
  for (let i = 0; i < values.length; i++) {
    const [u, value] = [i % width, values[i]];
    plain[u] += value;
    squares[u] += value * value;
    if (value < limits.low) low[u]++;
    else if (value > limits.high) high[u]++;
  }
}

function constantUnits({ steps, plain, squares }: GateSums): Omit<GateFindings, 'gate'> {
  const found: Omit<GateFindings, 'gate'> = { constantUnits: [], constantValues: [] };
  for (let u = 0; u < plain.length; u++) {
    const mean = plain[u] / steps;
    const variance = squares[u] / steps - mean * mean;
    if (variance >= limits.constant ** 2) continue;
    found.constantUnits.push(u);
    found.constantValues.push(mean);
  }
  return found;
}

function saturationOf({ steps, low, high }: GateSums): NonNullable<GateFindings['saturation']> {
  const all = steps * low.length;
  const share = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0) / all;
  const units = [...low.keys()].filter((u) => (low[u] + high[u]) / steps >= limits.always);
  return { low: share(low), high: share(high), units };
}

/** Whether an activation gives shares from 0 to 1. */
function isShare({ op }: CellActivation): boolean {
  return op === 'Sigmoid' || op === 'HardSigmoid';
}

/** [rows, width] */
function stacked(rows: readonly Tensor['data'][], width: number): Tensor {
  const data = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) data.set(row, i * width);
  return { shape: [rows.length, width], data };
}
