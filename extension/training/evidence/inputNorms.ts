import { forEachRow } from '../../engine/losses/rows.ts';
import { type Evidence, matrixName } from '../../model/evidence.ts';
import {
  type Graph,
  type GraphNode,
  isRecurrent,
  type RecurrentNode,
  type ValueName,
} from '../../model/graph.ts';
import { outputSize } from '../../model/recurrentLayer.ts';
import type { Tensor } from '../../model/tensor.ts';
import { matrixOf } from '../../ops/matMul.ts';
import { stepMasks } from '../../ops/stepMasks.ts';
import { forEachStep, hiddenOutputs, stepValues } from './steps.ts';
import type { ValueSum } from './sums.ts';

type Values = Tensor['data'];
type MatMul = Extract<GraphNode, { op: 'MatMul' }>;
type Gather = Extract<GraphNode, { op: 'Gather' }>;

interface Squares {
  /** [columns] */
  readonly sums: Float64Array;
  count: number;
}

/**
 * √E[x²] of what each column of a matrix is multiplied with, over unmasked steps. A kernel has the layer's input; a recurrent kernel the
 * state that enters the step, of a GRU that resets it before the product the state before that, and each row of a diagonal one unit of it;
 * a projection what the hidden units put out; a dense kernel its input; an embedding the token as a one-hot vector, so that √E[x²] is the
 * root of how often it comes.
 */
export class InputNorms implements ValueSum {
  readonly values: readonly ValueName[];
  readonly #nodes: Graph['nodes'];
  readonly #masks: ReadonlyMap<ValueName, ValueName>;
  readonly #squares = new Map<string, Squares>();

  constructor(graph: Graph) {
    this.#nodes = graph.nodes;
    this.#masks = stepMasks(graph);
    this.values = graph.nodes.flatMap((node) => {
      if (isRecurrent(node)) return stepValues(node);
      if (node.op !== 'MatMul' && node.op !== 'Gather') return [];
      const mask = this.#masks.get(node.inputs[0]);
      return [node.inputs[0], ...(mask === undefined ? [] : [mask])];
    });
  }

  add(value: (name: ValueName) => Tensor): void {
    for (const node of this.#nodes) {
      if (isRecurrent(node)) this.#addRecurrent(node, value);
      else if (node.op === 'MatMul') this.#addProduct(node, value);
      else if (node.op === 'Gather') this.#addTokens(node, value);
    }
  }

  result(): Evidence {
    const norm = ({ sums, count }: Squares) =>
      Float32Array.from(sums, (sum) => Math.sqrt(sum / Math.max(1, count)));
    return { inputNorms: new Map([...this.#squares].map(([name, squares]) => [name, norm(squares)])) };
  }

  #addRecurrent(node: RecurrentNode, value: (name: ValueName) => Tensor): void {
    const { layer } = node;
    const kernel = this.#of(matrixName(layer, 'kernel'), layer.inputSize);
    const recurrent = this.#of(matrixName(layer, 'recurrent'), outputSize(layer));
    const projection =
      layer.projection && hiddenOutputs(node) !== undefined
        ? this.#of(matrixName(layer, 'projection'), layer.hiddenSize)
        : undefined;
    forEachStep(node, value, ({ x, before, hidden }) => {
      addSquares(kernel, x);
      addSquares(recurrent, before);
      if (projection && hidden) addSquares(projection, hidden);
    });
  }

  #addProduct(node: MatMul, value: (name: ValueName) => Tensor): void {
    const {
      weight,
      inputs: [x],
    } = node;
    // By its columns a tensor is pruned as a kernel [in, out]; of one that lies otherwise they are not the inputs.
    if (node.transposed || (node.inputAxes ?? 1) !== weight.shape.length - 1) return;
    const { columns: width } = matrixOf(node);
    const squares = this.#of(weight.name, width);
    const { data } = value(x);
    forEachRow(data.length / width, this.#maskOf(x, value), (row) =>
      addSquares(squares, data.subarray(row * width, (row + 1) * width)),
    );
  }

  #addTokens({ table, inputs: [ids] }: Gather, value: (name: ValueName) => Tensor): void {
    const squares = this.#of(table.name, table.shape[0]);
    const { data } = value(ids);
    forEachRow(data.length, this.#maskOf(ids, value), (row) => {
      squares.sums[Math.trunc(data[row])]++;
      squares.count++;
    });
  }

  #maskOf(name: ValueName, value: (name: ValueName) => Tensor): Values | undefined {
    const mask = this.#masks.get(name);
    return mask === undefined ? undefined : value(mask).data;
  }

  #of(name: string, columns: number): Squares {
    const known = this.#squares.get(name) ?? { sums: new Float64Array(columns), count: 0 };
    this.#squares.set(name, known);
    return known;
  }
}

function addSquares(squares: Squares, values: Values): void {
  squares.count++;
  for (let c = 0; c < values.length; c++) squares.sums[c] += values[c] * values[c];
}
