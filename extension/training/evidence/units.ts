import type { Evidence, UnitActivity } from '../../model/evidence.ts';
import { type Graph, isRecurrent, type RecurrentNode, type ValueName } from '../../model/graph.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Tensor } from '../../model/tensor.ts';
import { forEachStep, stepValues } from './steps.ts';
import type { ValueSum } from './sums.ts';

/** A unit whose |h| is below is silent: it puts out less than a hundredth of what tanh can. */
export const silentBelow = 0.01;

/** Activity of hidden units, and the largest |h| of each. */
export interface UnitRange extends UnitActivity {
  /** [H] */
  readonly largest: Float32Array;
}

interface Sums {
  steps: number;
  readonly absolute: Float64Array;
  readonly plain: Float64Array;
  readonly squares: Float64Array;
  readonly silent: Float64Array;
  readonly largest: Float32Array;
}

/** E|h|, variance of h and share of silent steps of every hidden unit; all are 0 of a layer that the graph does not have. */
export class UnitActivities implements ValueSum {
  readonly values: readonly ValueName[];
  readonly #nodes: readonly RecurrentNode[];
  readonly #sums: ReadonlyMap<RecurrentLayer, Sums>;

  constructor({ nodes }: Graph, layers: readonly RecurrentLayer[]) {
    this.#nodes = nodes.filter(isRecurrent);
    this.values = this.#nodes.flatMap(stepValues);
    this.#sums = new Map(layers.map((layer) => [layer, noSums(layer)]));
  }

  add(value: (name: ValueName) => Tensor): void {
    for (const node of this.#nodes) {
      const sums = this.#sums.get(node.layer);
      if (sums) forEachStep(node, value, ({ hidden }) => hidden && addStep(sums, hidden));
    }
  }

  ranges(): ReadonlyMap<RecurrentLayer, UnitRange> {
    return new Map([...this.#sums].map(([layer, sums]) => [layer, rangeOf(sums)]));
  }

  result(): Evidence {
    return { units: this.ranges() };
  }
}

function noSums({ hiddenSize }: RecurrentLayer): Sums {
  const zeros = () => new Float64Array(hiddenSize);
  return {
    steps: 0,
    absolute: zeros(),
    plain: zeros(),
    squares: zeros(),
    silent: zeros(),
    largest: new Float32Array(hiddenSize),
  };
}

function addStep(sums: Sums, h: Tensor['data']): void {
  const { absolute, plain, squares, silent, largest } = sums;
  sums.steps++;
  for (let u = 0; u < h.length; u++) {
    const size = Math.abs(h[u]);
    absolute[u] += size;
    plain[u] += h[u];
    squares[u] += size * size;
    if (size < silentBelow) silent[u]++;
    if (size > largest[u]) largest[u] = size;
  }
}

function rangeOf({ steps, absolute, plain, squares, silent, largest }: Sums): UnitRange {
  const count = Math.max(1, steps);
  return {
    meanAbsolute: Float32Array.from(absolute, (sum) => sum / count),
    variance: Float32Array.from(squares, (sum, u) => Math.max(0, sum / count - (plain[u] / count) ** 2)),
    nearZero: Float32Array.from(silent, (sum) => sum / count),
    largest,
  };
}
