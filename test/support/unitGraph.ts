import type { GraphNode, RecurrentNode, ValueName } from '../../extension/model/graph.ts';
import type { Cell } from '../../extension/protocol/report.ts';
import type { Solvable } from '../../extension/pruning/units/shrink.ts';
import {
  type LayerOptions,
  type MemoryLayer,
  type MemoryParameter,
  memoryLayer,
  memoryModel,
  memoryParameter,
} from './memoryModel.ts';
import { randomFloats, seeded } from './random.ts';

/** A node without what the sketch fills in. */
type Bare = GraphNode extends infer Node
  ? Node extends GraphNode
    ? Omit<Node, 'outputs' | 'origin'>
    : never
  : never;

/**
 * A model in memory, sketched layer by layer over inputs x [B, 4, 3], wide [B, 4, 5] and ids [B, 4]. Values have the names of their layers.
 */
export class UnitGraph {
  readonly layers: MemoryLayer[] = [];
  readonly others: MemoryParameter[] = [];
  readonly nodes: GraphNode[] = [];
  readonly #next = seeded(5);
  readonly steps: number | null;

  constructor(steps: number | null = 4) {
    this.steps = steps;
  }

  /** A recurrent layer; its last output is `name/last`. */
  recurrent(
    name: string,
    [inputSize, hiddenSize]: [number, number],
    inputs: readonly ValueName[],
    { cell = 'LSTM', node = {}, ...options }: RecurrentOptions = {},
  ): MemoryLayer {
    const layer = memoryLayer({ name, cell, inputSize, hiddenSize, ...options }, this.#next);
    this.layers.push(layer);
    this.apply(layer, name, inputs, node);
    return layer;
  }

  /** Applies a layer, perhaps again. */
  apply(
    layer: MemoryLayer,
    name: string,
    inputs: readonly ValueName[],
    node: Partial<RecurrentNode> = {},
  ): void {
    this.nodes.push({
      op: layer.cell,
      layer,
      inputs,
      outputs: [name, `${name}/last`, `${name}/h`, ...(layer.cell === 'LSTM' ? [`${name}/c`] : [])],
      origin: name,
      gateActivation: { op: 'Sigmoid' },
      activation: { op: 'Tanh' },
      ...node,
    });
  }

  dense(name: string, [from, to]: [number, number], input: ValueName, bias = true): MemoryParameter {
    const weight = this.parameter(`${name}/kernel`, [from, to]);
    const own = bias ? { bias: this.parameter(`${name}/bias`, [to]) } : {};
    this.add(name, { op: 'MatMul', inputs: [input], weight, ...own });
    return weight;
  }

  add(name: string, node: Bare): void {
    this.nodes.push({ ...node, outputs: [name], origin: name } as GraphNode);
  }

  parameter(name: string, shape: readonly number[]): MemoryParameter {
    const size = shape.reduce((product, n) => product * n, 1);
    const made = memoryParameter(name, shape, randomFloats(size, this.#next));
    this.others.push(made);
    return made;
  }

  model(...outputs: ValueName[]): Solvable {
    return {
      ...memoryModel(this.layers, this.others),
      graph: {
        inputs: [
          { name: 'x', shape: [null, this.steps, 3], dtype: 'float32' },
          { name: 'wide', shape: [null, this.steps, 5], dtype: 'float32' },
          { name: 'ids', shape: [null, this.steps], dtype: 'int32' },
        ],
        nodes: this.nodes,
        outputs: outputs.map((name) => ({ name })),
      },
    };
  }
}

interface RecurrentOptions extends Partial<LayerOptions> {
  readonly cell?: Cell;
  readonly node?: Partial<RecurrentNode>;
}
