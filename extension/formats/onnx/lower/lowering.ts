import type { ValueName } from '../../../model/graph.ts';
import type { Parameter } from '../../../model/parameter.ts';
import type { RecurrentLayer } from '../../../model/recurrentLayer.ts';
import type { NodeInput, OnnxContents, StatedLength } from '../contents.ts';
import type { OnnxNode } from '../proto.ts';
import { Emitter } from './emitter.ts';
import { refused } from './refuse.ts';
import {
  type Flow,
  type Numbers,
  numbers,
  placesOf,
  type Source,
  type Uniform,
  type Value,
  type WeightValue,
} from './values.ts';

/** Weights of at most so many values are looked at where an operator wants their numbers. */
const fewValues = 1 << 20;

/** Lowers one node into a lowering. */
export type LowerNode = (lowering: Lowering, node: OnnxNode) => Promise<void>;

/** Where the body of an If or Scan stands. */
interface Around {
  readonly lowering: Lowering;
  /** The body becomes a graph of its own, which sees what is known around it, but nothing that is computed there. */
  readonly apart: boolean;
}

/** One lowering: the values so far, and the graph that comes to be. */
export class Lowering {
  readonly contents: OnnxContents;
  readonly lowerNode: LowerNode;
  readonly emitter: Emitter;
  readonly lengths: StatedLength[] = [];
  readonly zeroStates: NodeInput[] = [];
  readonly constants: Set<Parameter>;
  /** Recurrent layers that are told by what the body of a Scan computes. */
  readonly spelled: RecurrentLayer[];
  /** Nodes whose bodies became part of the graph. */
  readonly bodies: OnnxNode[];
  /** The order by lengths that the samples of some values stand in, by name. */
  readonly orders: Map<string, string>;
  readonly #around: Around | undefined;
  readonly #values = new Map<string, Value>();
  readonly #uses = new Map<string, number>();

  constructor(contents: OnnxContents, lowerNode: LowerNode, around?: Around) {
    this.contents = contents;
    this.lowerNode = lowerNode;
    this.emitter = around && !around.apart ? around.lowering.emitter : new Emitter();
    this.constants = around?.lowering.constants ?? new Set();
    this.spelled = around?.lowering.spelled ?? [];
    this.bodies = around?.lowering.bodies ?? [];
    this.orders = around?.lowering.orders ?? new Map();
    this.#around = around;
    const { graph } = contents.model;
    for (const name of [
      ...graph.nodes.flatMap(({ inputs }) => inputs),
      ...graph.outputs.map((output) => output.name),
    ])
      this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
  }

  /** Version of ONNX' own operators. */
  get opset(): number {
    return this.contents.model.opsets.get('') ?? 1;
  }

  get values(): ReadonlyMap<string, Value> {
    return this.#values;
  }

  set(name: string | undefined, value: Value): void {
    if (name) this.#values.set(name, value);
  }

  /** A value by its name, of a body's surroundings, too. */
  find(name: string): Value | undefined {
    const own = this.#values.get(name);
    if (own || !this.#around) return own;
    const outer = this.#around.lowering.find(name);
    return outer?.kind === 'flow' && this.#around.apart ? undefined : outer;
  }

  /** A value that an output of a body is. */
  output(node: OnnxNode, name: string): Value {
    const value = this.find(name);
    if (!value) throw refused(node, { code: 'reasonNoValue', args: { value: name } });
    return value;
  }

  /** How often the graph reads a value, its outputs included. */
  uses(name: string): number {
    return this.#uses.get(name) ?? 0;
  }

  /** Whether a node has an input. */
  has(node: OnnxNode, input: number): boolean {
    return (node.inputs[input] ?? '') !== '';
  }

  /** A node's input; undefined where it is left out. Numbers are remembered as read by it. */
  input(node: OnnxNode, input: number): Value | undefined {
    const name = node.inputs[input] ?? '';
    if (name === '') return undefined;
    const value = this.find(name);
    if (!value) throw refused(node, { code: 'reasonNoValue', args: { value: name } });
    if (value.kind !== 'numbers' || !value.sources) return value;
    const reader = { node, input };
    return { ...value, sources: value.sources.map((source) => source && { reader, ...source }) };
  }

  /** An input that must be there. */
  needed(node: OnnxNode, input: number): Value {
    const value = this.input(node, input);
    if (!value) throw refused(node, { code: 'reasonInputMissing', args: { input } });
    return value;
  }

  /** An input that is computed when the graph runs. */
  flow(node: OnnxNode, input: number): Flow {
    const value = this.needed(node, input);
    if (value.kind !== 'flow') throw refused(node, { code: 'reasonInputConstant', args: { input } });
    return value;
  }

  /** An input whose numbers must be known; undefined where it is left out. */
  async numbers(node: OnnxNode, input: number): Promise<Numbers | undefined> {
    const value = this.input(node, input);
    if (value === undefined) return undefined;
    const known = await this.known(value);
    if (!known) throw refused(node, { code: 'reasonInputComputed', args: { input } });
    return known;
  }

  /** A list of whole numbers; undefined where it is left out. */
  async integers(node: OnnxNode, input: number): Promise<number[] | undefined> {
    const known = await this.numbers(node, input);
    return known?.values.map((value) => {
      if (typeof value !== 'number') throw refused(node, { code: 'reasonInputComputed', args: { input } });
      return value;
    });
  }

  /** One number. */
  async single(node: OnnxNode, input: number): Promise<{ value: number; integer: boolean }> {
    const known = await this.numbers(node, input);
    const value = known?.values[0];
    if (known?.values.length !== 1 || typeof value !== 'number')
      throw refused(node, { code: 'reasonInputComputed', args: { input } });
    return { value, integer: known.integer };
  }

  /** The numbers of a value that is known; a weight of which they are taken is none from here on. */
  async known(value: Value): Promise<Numbers | undefined> {
    switch (value.kind) {
      case 'flow':
      case 'counting':
      case 'samplePlaces':
      case 'sampleOrder':
        return undefined;
      case 'numbers':
        return value;
      case 'uniform':
        return spread(value);
      case 'weight': {
        const size = value.shape.reduce((a, b) => a * b, 1);
        if (size > fewValues) return undefined;
        this.constants.add(value.parameter);
        return numbers(value.shape, await valuesOf(value), false);
      }
    }
  }

  /**
   * Whether a tensor holds nothing but zeros, such as states for so many samples that an exporter has written out: it is no weight then.
   */
  async allZero({ parameter }: WeightValue): Promise<boolean> {
    const values = await parameter.read();
    if (values.some((value) => value !== 0)) return false;
    this.constants.add(parameter);
    return true;
  }

  /** Names a length that the file states, where it is there as a number. */
  state(source: Source | undefined, value: ValueName, axis: number): void {
    if (source?.reader) this.lengths.push({ ...source, reader: source.reader, value, axis });
  }
}

/** Every number of a value that is the same everywhere; undefined where its shape is free or large. */
function spread({ shape, value }: Uniform): Numbers | undefined {
  const known = shape.filter((length) => typeof length === 'number');
  const size = known.reduce((a, b) => a * b, 1);
  if (known.length < shape.length || size > fewValues) return undefined;
  return numbers(
    known,
    Array.from({ length: size }, () => value),
    false,
  );
}

/** A weight's values, row-major in its own shape. */
export async function valuesOf({ parameter, shape, offset, strides }: WeightValue): Promise<number[]> {
  const all = await parameter.read();
  return placesOf(shape, strides, offset).map((place) => all[place]);
}
