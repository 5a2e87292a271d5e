import type { ValueName } from '../../model/graph.ts';
import type { Shape } from '../../ops/shape.ts';
import { impossible, option } from './activationName.ts';
import type { BareLayer, Dialect, KerasLayer, KerasTensor, Padding } from './description.ts';
import type { Links } from './links.ts';
import { LayerNames } from './names.ts';
import { operationLayer } from './operations.ts';
import { paddingLayer } from './windows.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The layers that are described so far, and which of their tensors is which value of the graph. */
export class DescribedLayers {
  readonly layers: Mutable<KerasLayer>[] = [];
  readonly #shapes: ReadonlyMap<ValueName, Shape>;
  readonly #links: Links;
  readonly #dialect: Dialect;
  readonly #batch: number | null;
  readonly #names: LayerNames;
  readonly #tensors = new Map<ValueName, KerasTensor>();

  /** @param batch where layers keep states, of how many samples; else null */
  constructor(shapes: ReadonlyMap<ValueName, Shape>, links: Links, dialect: Dialect, batch: number | null) {
    this.#shapes = shapes;
    this.#links = links;
    this.#dialect = dialect;
    this.#batch = batch;
    const isMasked = links.nodes.some(({ op }) => op === 'NotEqualMask');
    this.#names = new LayerNames({ besideMasks: dialect === 'keras' && isMasked });
  }

  push(...layers: KerasLayer[]): void {
    this.layers.push(...layers);
  }

  /** Adds a layer of one tensor that keeps its shape, named after that of the tensor. */
  add(className: string, own: object, input: KerasTensor): KerasTensor {
    const name = this.fresh(`${input.layer}_${className.toLowerCase()}`);
    const config = { name, trainable: true, dtype: 'float32', ...own };
    this.push({ className, name, config, inputs: [input], weights: [] });
    return { ...input, layer: name, output: 0 };
  }

  /** Adds a layer of steps of 0 around those of a tensor. */
  padded(input: KerasTensor, padding: Padding): KerasTensor {
    const { layer, output } = paddingLayer(input, this.fresh(`${input.layer}_padding`), padding);
    this.push(layer);
    return output;
  }

  /** TensorFlow.js 4.22 lets go of a tensor too early where one layer reads it twice (execute), so each further time is a tensor of its own. */
  distinct(tensors: readonly KerasTensor[]): readonly KerasTensor[] {
    if (this.#dialect !== 'tfjs') return tensors;
    return tensors.map((tensor, i) =>
      tensors.indexOf(tensor) === i ? tensor : this.add('Activation', { activation: 'linear' }, tensor),
    );
  }

  /** Adds an operation, which takes tensors of one rank; gives its name. */
  operation(origin: string, { config, ...own }: BareLayer, tensors: readonly KerasTensor[]): string {
    const rank = Math.max(...tensors.map(({ shape }) => shape.length));
    const inputs = tensors.map((tensor) => this.#expanded(tensor, rank));
    const name = this.fresh(origin);
    this.push({ ...own, name, config: { ...config, name }, inputs });
    return name;
  }

  /** A tensor with axes of length 1 behind the batch, up to so many axes. */
  #expanded(input: KerasTensor, rank: number): KerasTensor {
    if (input.shape.length === rank) return input;
    const name = this.fresh(`${input.layer}_expanded`);
    this.push(operationLayer('ExpandDims', name, [input], { config: { axis: 1 } }));
    const [batch, ...rest] = input.shape;
    return this.#expanded({ ...input, layer: name, output: 0, shape: [batch, 1, ...rest] }, rank);
  }

  /** The tensor of a value, if it has one. */
  find(value: ValueName): KerasTensor | undefined {
    return this.#tensors.get(value);
  }

  /** The tensor of a value. Throws conversionImpossible of a mask, which has none. */
  of(value: ValueName): KerasTensor {
    const tensor = this.#tensors.get(value);
    if (!tensor)
      throw impossible(this.#links.producer(value)?.origin ?? value, option('optionMasks'), this.#dialect);
    return tensor;
  }

  /** A value is what a layer puts out. */
  set(value: ValueName, layer: string, output: number, dtype: KerasTensor['dtype'] = 'float32'): KerasTensor {
    return this.alias(value, { layer, output, shape: this.shapeOf(value), dtype });
  }

  alias(value: ValueName, tensor: KerasTensor): KerasTensor {
    this.#tensors.set(value, tensor);
    return tensor;
  }

  shapeOf(value: ValueName): Shape {
    const [batch, ...rest] = this.#shapes.get(value) ?? [];
    return batch === undefined ? [] : [batch ?? this.#batch, ...rest];
  }

  /** The name wanted, or one like it that no layer has. */
  fresh(wanted: string): string {
    return this.#names.fresh(wanted);
  }
}
