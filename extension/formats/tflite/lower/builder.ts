import type { GraphInput, GraphNode, ValueName } from '../../../model/graph.ts';
import type { RecurrentLayer } from '../../../model/recurrentLayer.ts';
import type { Message } from '../../../protocol/messages.ts';
import { UserError } from '../../../protocol/userError.ts';
import type { PagedBytes } from '../../bytes/pagedBytes.ts';
import { operatorName } from '../operatorNames.ts';
import type { TfliteParameters } from '../parameters.ts';
import type { TfliteGraph, TfliteOperator, TfliteTensor } from '../schema.ts';
import type { Layout, Lowered } from './value.ts';

/**
 * Bytes of all states together that are looked at: those of layers are a few thousand, and any number of operators may name the same ones.
 */
const mostStates = 2 ** 22;

/** What the lowering of every operator sees. */
export class Builder {
  readonly graph: TfliteGraph;
  readonly nodes: GraphNode[] = [];
  readonly inputs: GraphInput[] = [];
  readonly parameters: TfliteParameters;
  readonly layers: ReadonlyMap<TfliteOperator, readonly RecurrentLayer[]>;
  readonly #tables: PagedBytes;
  readonly #values = new Map<number, Lowered>();
  /** What was reshaped, by the result. */
  readonly #reshaped = new Map<ValueName, Lowered>();
  #count = 0;
  #left = mostStates;

  constructor(
    graph: TfliteGraph,
    layers: ReadonlyMap<TfliteOperator, readonly RecurrentLayer[]>,
    parameters: TfliteParameters,
    tables: PagedBytes,
  ) {
    this.graph = graph;
    this.layers = layers;
    this.parameters = parameters;
    this.#tables = tables;
  }

  tensor(operator: TfliteOperator, input: number): TfliteTensor | undefined {
    return this.graph.tensors[operator.inputs[input] ?? -1];
  }

  /** Whole numbers that the file holds, such as a shape or a permutation. Throws where they are computed. */
  integers(operator: TfliteOperator, input: number): number[] {
    const tensor = this.tensor(operator, input);
    const width = tensor?.type === 4 ? 8 : 4;
    if (!tensor?.values || (tensor.type !== 2 && tensor.type !== 4) || tensor.values.length > 1024)
      throw this.refuse(operator, { code: 'reasonInputComputed', args: { input: String(input) } });
    const { at, length } = tensor.values;
    const read = (place: number) => (width === 8 ? this.#tables.int64(place) : this.#tables.int32(place));
    return Array.from({ length: Math.floor(length / width) }, (_, i) => read(at + i * width));
  }

  /** An input that is computed. */
  value(operator: TfliteOperator, input: number): Lowered {
    const found = this.#values.get(operator.inputs[input] ?? -1);
    if (!found) throw this.refuse(operator, { code: 'reasonInputConstant', args: { input: String(input) } });
    return found;
  }

  /** The same where the batch must stand first. */
  batchFirst(operator: TfliteOperator, input: number): Lowered {
    const value = this.value(operator, input);
    if (value.layout !== 'batch') throw this.refuse(operator, { code: 'reasonMixesSamples', args: {} });
    return value;
  }

  /** Whether the file holds zeros there, whatever their type; of more bytes than are looked at that is not known. */
  isZero(operator: TfliteOperator, input: number): boolean {
    const { values } = this.tensor(operator, input) ?? {};
    if (!values) return true;
    this.#left -= values.length;
    if (this.#left < 0) return false;
    for (let i = 0; i < values.length; i++) if (this.#tables.uint8(values.at + i) !== 0) return false;
    return true;
  }

  isComputed(operator: TfliteOperator, input: number): boolean {
    return this.#values.has(operator.inputs[input] ?? -1);
  }

  found(tensor: number): Lowered | undefined {
    return this.#values.get(tensor);
  }

  /** An output that is left out, −1, is no value. */
  set(tensor: number, value: Lowered): void {
    if (tensor >= 0) this.#values.set(tensor, value);
  }

  /** The operator's first output. */
  put(operator: TfliteOperator, name: ValueName, shape: Lowered['shape'], layout: Layout = 'batch'): void {
    this.set(operator.outputs[0] ?? -1, { name, shape, layout });
  }

  /** The same numbers in another shape behind the batch. What was only reshaped before is taken as it was then. */
  reshaped(operator: TfliteOperator, value: Lowered, shape: Lowered['shape']): Lowered {
    const from = this.#reshaped.get(value.name) ?? value;
    if (String(from.shape) === String(shape)) return from;
    const name = this.add({
      op: 'Reshape',
      inputs: [from.name],
      outputs: [this.fresh(operator)],
      origin: this.originOf(operator),
      shape: shape.map((n) => n ?? -1),
    });
    this.#reshaped.set(name, from);
    return { name, shape, layout: 'batch' };
  }

  fresh(operator: Pick<TfliteOperator, 'outputs'>): ValueName {
    return `${this.originOf(operator)}:${this.#count++}`;
  }

  add(node: GraphNode): ValueName {
    this.nodes.push(node);
    return node.outputs[0];
  }

  /** An axis of the file's value as ours, from the front. Throws where there is none, or it is that of the batch. */
  axisBehindBatch(operator: TfliteOperator, axis: number, rank: number): number {
    const front = axis < 0 ? axis + rank : axis;
    if (front < 1) throw this.refuse(operator, { code: 'reasonMixesSamples', args: {} });
    if (front >= rank) throw this.refuse(operator, { code: 'reasonAttribute', args: { name: 'axis' } });
    return front;
  }

  originOf({ outputs }: Pick<TfliteOperator, 'outputs'>): string {
    return this.graph.tensors[outputs[0] ?? -1]?.name ?? '';
  }

  refuse(operator: TfliteOperator, reason: Message): UserError {
    const { code, custom } = operator;
    return new UserError(
      'operatorUseUnsupported',
      { node: this.originOf(operator), operator: operatorName(code, custom) },
      reason,
    );
  }
}
