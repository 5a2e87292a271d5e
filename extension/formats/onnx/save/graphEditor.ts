import { bytesField, integerField } from '../../protobuf/fields.ts';
import type { Place, Range } from '../../protobuf/place.ts';
import type { Field } from '../../protobuf/reader.ts';
import type { Replacement } from '../../protobuf/splice.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode } from '../proto.ts';
import type { Source } from '../read/source.ts';

/** Fields of GraphProto, NodeProto and AttributeProto. */
const numbers = { initializer: 5, nodeInput: 1, attributeInt: 3, attributeInts: 8 } as const;

/** Collects changes of a model's structure; nothing is written before `replacements` are. */
export class GraphEditor {
  readonly #source: Source;
  readonly #graph: OnnxGraph;
  readonly #changes: Replacement[] = [];
  readonly #inputs = new Map<OnnxNode, string[]>();
  readonly #replaced = new Set<OnnxNode>();
  readonly #added: Uint8Array[] = [];
  readonly #names: Set<string>;

  constructor(source: Source, graph: OnnxGraph) {
    this.#source = source;
    this.#graph = graph;
    const values = graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
    this.#names = new Set([...graph.initializers.keys(), ...values]);
  }

  /** The inputs of a node after all changes. */
  inputsOf(node: OnnxNode): readonly string[] {
    return this.#replaced.has(node) ? [] : (this.#inputs.get(node) ?? node.inputs);
  }

  /** Another value for an input of a node; an empty name leaves it out. */
  setInput(node: OnnxNode, input: number, name: string): void {
    const inputs = [...this.inputsOf(node)];
    while (inputs.length <= input) inputs.push('');
    inputs[input] = name;
    this.#inputs.set(node, inputs);
  }

  /** Puts a field of the graph, such as another node, where a node stands, which then reads nothing. */
  replaceNode(node: OnnxNode, field: Pick<Replacement, 'length' | 'bytes'>): void {
    const { field: start, end, parent } = node.place;
    this.#changes.push({ start, end, ...(parent && { inside: parent }), ...field });
    this.#replaced.add(node);
  }

  /** A new tensor of int64, such as bounds of a Slice, [n] or of these lengths: its name, like the one given. */
  addIntegers(like: string, values: readonly number[], dims: readonly number[] = [values.length]): string {
    let name = `${like}_kept`;
    for (let n = 2; this.#names.has(name); n++) name = `${like}_kept_${n}`;
    this.#names.add(name);
    const data = Buffer.from(BigInt64Array.from(values, BigInt).buffer);
    const int64 = 7;
    const tensor = [
      ...dims.map((length) => integerField(1, length)),
      integerField(2, int64),
      bytesField(8, Buffer.from(name)),
      bytesField(9, data),
    ];
    this.#added.push(bytesField(numbers.initializer, Buffer.concat(tensor)));
    return name;
  }

  /** New values of an attribute that is an integer or a list of integers. */
  async setIntegers({ place, int }: OnnxAttribute, values: readonly number[]): Promise<void> {
    const number = int === undefined ? numbers.attributeInts : numbers.attributeInt;
    await this.replaceFields(
      place,
      [number],
      Buffer.concat(values.map((value) => integerField(number, value))),
    );
  }

  /** Puts bytes where the first of a message's fields of these numbers stands, and takes all of them out; at its end where it has none. */
  async replaceFields(
    inside: Place,
    fieldNumbers: readonly number[],
    bytes: Uint8Array | Pick<Replacement, 'length' | 'bytes'>,
    which: (field: Field) => Promise<boolean> = async () => true,
  ): Promise<void> {
    const ranges: Range[] = [];
    for (const one of await this.#source.reader.fields(inside)) {
      if (fieldNumbers.includes(one.number) && (await which(one)))
        ranges.push({ start: one.field, end: one.end });
    }
    const written = bytes instanceof Uint8Array ? { length: bytes.length, bytes: () => bytes } : bytes;
    const [first = { start: inside.end, end: inside.end }, ...others] = ranges;
    this.#changes.push({ ...first, inside, ...written });
    for (const { start, end } of others) this.#changes.push({ start, end, inside, ...nothing });
  }

  /** Takes a message out of the one that it stands in. */
  remove({ field: start, end, parent }: Place): void {
    this.#changes.push({ start, end, ...(parent && { inside: parent }), ...nothing });
  }

  async replacements(): Promise<Replacement[]> {
    for (const [node, inputs] of this.#inputs) {
      const fields = inputs.map((name) => bytesField(numbers.nodeInput, Buffer.from(name)));
      await this.replaceFields(node.place, [numbers.nodeInput], Buffer.concat(fields));
    }
    this.#inputs.clear();
    if (this.#added.length > 0) {
      const bytes = Buffer.concat(this.#added.splice(0));
      const { end } = this.#graph.place;
      this.#changes.push({
        start: end,
        end,
        inside: this.#graph.place,
        length: bytes.length,
        bytes: () => bytes,
      });
    }
    return withoutInner(this.#changes);
  }
}

const nothing = { length: 0, bytes: () => new Uint8Array(0) };

/** Changes inside of what is taken out as a whole are of no use. */
function withoutInner(changes: readonly Replacement[]): Replacement[] {
  const sorted = [...changes].sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Replacement[] = [];
  for (const change of sorted) {
    const last = kept.at(-1);
    const isInner = last && last.start < last.end && change.start < last.end && change.end <= last.end;
    if (!isInner) kept.push(change);
  }
  return kept;
}
