import type { Network } from '../config.ts';
import type { JsonPart, JsonText } from '../jsonText.ts';
import { counting, reference, type TensorReference } from '../references.ts';

/** Where a configuration names a tensor. */
export interface Reference {
  /** The list [layer, call, output, …]. */
  readonly part: JsonPart;
  readonly tensor: TensorReference;
  /** What Keras 3 writes of the tensor beside it: its shape and type. */
  readonly about?: JsonPart;
}

/** A network where it stands in the text of a configuration. */
export class NetworkPart {
  readonly #json: JsonText;
  readonly #config: JsonPart | undefined;
  readonly #list: JsonPart | undefined;
  readonly #names: readonly string[];
  readonly #firstCalls: ReadonlyMap<string, number> | undefined;

  constructor(part: JsonPart, { layers, firstCalls }: Network, json: JsonText) {
    this.#firstCalls = firstCalls;
    this.#json = json;
    this.#config = part.members?.get('config');
    // Keras 1 and 2.1 store a Sequential as a bare list of layers.
    this.#list = this.#config?.members?.get('layers') ?? this.#config;
    const count = this.#list?.items?.length ?? 0;
    // An input that the file does not list stands first.
    this.#names = layers.slice(layers.length - count).map(({ name }) => name);
  }

  /** Undefined where the file does not list the layer. */
  layer(name: string): JsonPart | undefined {
    return this.#list?.items?.[this.#names.indexOf(name)];
  }

  /** How the file numbers a call of a layer. */
  numberOf(layer: string, call: number): number {
    return call + (this.#firstCalls?.get(layer) ?? 0);
  }

  /** Removes all other layers from the list. */
  keepOnly(names: ReadonlySet<string>): void {
    const gone = this.#names.flatMap((name, i) => (names.has(name) ? [] : [i]));
    if (this.#list && gone.length > 0) this.#json.removeItems(this.#list, new Set(gone));
  }

  /** All tensors that a call of a layer is given, in their places or by keyword. */
  references(layer: string, call: number): Reference[] {
    const node = this.layer(layer)?.members?.get('inbound_nodes')?.items?.[call];
    // Keras 1 and 2: [layer, call, output, keywords] in a list or dict. Keras 3: args and kwargs with tensors in them.
    return node?.members?.has('args') ? this.#tensorsIn(node) : this.#listed(node);
  }

  /** What the network puts out. */
  outputs(): Reference[] {
    return this.#listed(this.#config?.members?.get('output_layers'));
  }

  /** What the file says about a tensor anywhere beside its name. */
  about({ layer, call, output }: TensorReference): JsonPart | undefined {
    for (const name of this.#names) {
      const count = this.layer(name)?.members?.get('inbound_nodes')?.items?.length ?? 0;
      for (let reader = 0; reader < count; reader++)
        for (const { tensor, about } of this.references(name, reader))
          if (about && tensor.layer === layer && tensor.call === call && tensor.output === output)
            return about;
    }
    return undefined;
  }

  #tensorsIn(part: JsonPart | undefined): Reference[] {
    const about = part?.members?.get('config');
    const history = about?.members?.get('keras_history');
    if (about && history && this.#json.valueOf(part?.members?.get('class_name')) === '__keras_tensor__')
      return [{ ...this.#reference(history), about }];
    return within(part).flatMap((one) => this.#tensorsIn(one));
  }

  /** The lists that begin with the name of a layer. */
  #listed(part: JsonPart | undefined): Reference[] {
    const [first] = part?.items ?? [];
    if (part && typeof this.#json.valueOf(first) === 'string') return [this.#reference(part)];
    return within(part).flatMap((one) => this.#listed(one));
  }

  #reference(part: JsonPart): Reference {
    return { part, tensor: counting(reference(this.#json.valueOf(part)), this.#firstCalls) };
  }
}

function within(part: JsonPart | undefined): JsonPart[] {
  return [...(part?.members?.values() ?? []), ...(part?.items ?? [])];
}
