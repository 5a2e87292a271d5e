import { bytesField } from '../../formats/protobuf/fields.ts';
import type { ValueName } from '../../model/graph.ts';
import { byteSize, sizeOf } from '../../model/parameter.ts';
import type { Shape } from '../../ops/shape.ts';
import {
  type Attribute,
  type ElementType,
  graphFields,
  nodeMessage,
  type TensorFields,
  valueMessage,
} from './messages.ts';

/** A constant of the model, its values fetched when it is written. */
export interface Initializer extends TensorFields {
  bytes(): Promise<Uint8Array>;
}

type Attributes = Readonly<Record<string, Attribute>>;

/** Collects the nodes and constants of an ONNX graph. Values are told by their names. */
export class OnnxBuilder {
  readonly nodes: Buffer[] = [];
  readonly initializers: Initializer[];
  /** Of the graph that is converted. */
  readonly shapes: ReadonlyMap<ValueName, Shape>;
  /** A layer's name stands before those of what it becomes. */
  origin = '';
  readonly #constants: Map<string, string>;
  readonly #used: Set<string>;

  constructor(shapes: ReadonlyMap<ValueName, Shape>, parent?: OnnxBuilder) {
    this.shapes = shapes;
    this.initializers = parent?.initializers ?? [];
    this.#constants = parent ? parent.#constants : new Map();
    this.#used = parent ? parent.#used : new Set();
    this.origin = parent?.origin ?? '';
  }

  /** Adds a node of one output and gives that output's name. */
  add(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.addMany(op, inputs, 1, attributes)[0];
  }

  /** Adds a node of several outputs. */
  addMany(op: string, inputs: readonly string[], count: number, attributes: Attributes = {}): string[] {
    const name = this.fresh(op);
    const outputs = count === 1 ? [name] : Array.from({ length: count }, (_, i) => this.fresh(`${op}_${i}`));
    this.nodes.push(nodeMessage({ op, name, inputs, outputs, attributes }));
    return outputs;
  }

  /** The same value under the name that it has outside. */
  rename(from: string, to: string): void {
    this.nodes.push(
      nodeMessage({
        op: 'Identity',
        name: this.fresh('Identity'),
        inputs: [from],
        outputs: [to],
        attributes: {},
      }),
    );
  }

  /** A name that nothing else has: that of the layer, and of what it is. */
  fresh(what: string): string {
    for (let n = 0; ; n++) {
      const name = `${this.origin}/${what}${n === 0 ? '' : `_${n}`}`;
      if (!this.take(name)) continue;
      return name;
    }
  }

  /** Keeps a name for one value; false where it is another's. */
  take(name: string): boolean {
    if (this.#used.has(name)) return false;
    this.#used.add(name);
    return true;
  }

  /** Weights that are read when the file is written. */
  weights(what: string, dims: readonly number[], values: () => Promise<Float32Array>): string {
    const name = this.fresh(what);
    const length = byteSize.float32 * sizeOf(dims);
    const bytes = async () => {
      const all = await values();
      return new Uint8Array(all.buffer, all.byteOffset, all.byteLength);
    };
    this.initializers.push({ name, type: 'float32', dims, length, bytes });
    return name;
  }

  /** One number, or a list, that is the same wherever it is used. */
  floats(values: number | readonly number[]): string {
    return this.#constant('float32', values, (list) => Float32Array.from(list));
  }

  /** Whole numbers for shapes, axes and indices. */
  ints(values: number | readonly number[]): string {
    return this.#constant('int64', values, (list) => BigInt64Array.from(list.map(BigInt)));
  }

  /** A graph inside a node, which sees all values and constants of this one. */
  body(
    inputs: readonly { name: string; type: ElementType }[],
    build: (body: OnnxBuilder) => readonly { name: string; type: ElementType }[],
  ): Buffer {
    const body = new OnnxBuilder(this.shapes, this);
    const outputs = build(body);
    return Buffer.concat([
      ...body.nodes.map((node) => bytesField(graphFields.node, node)),
      bytesField(graphFields.name, this.fresh('body')),
      ...inputs.map(({ name, type }) => bytesField(graphFields.input, valueMessage(name, type))),
      ...outputs.map(({ name, type }) => bytesField(graphFields.output, valueMessage(name, type))),
    ]);
  }

  #constant(
    type: 'float32' | 'int64',
    values: number | readonly number[],
    pack: (list: readonly number[]) => Float32Array | BigInt64Array,
  ): string {
    const list = typeof values === 'number' ? [values] : values;
    const dims = typeof values === 'number' ? [] : [list.length];
    const key = JSON.stringify([
      type,
      dims,
      list.map((value) => (Object.is(value, -0) ? '-0' : String(value))),
    ]);
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const packed = pack(list);
    const bytes = new Uint8Array(packed.buffer);
    let name = `constant_${this.#constants.size}`;
    while (!this.take(name)) name += '_';
    this.#constants.set(key, name);
    this.initializers.push({ name, type, dims, length: bytes.length, bytes: async () => bytes });
    return name;
  }
}
