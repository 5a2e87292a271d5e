import type { CellActivation, GraphInput, GraphNode, ValueName } from '../../../model/graph.ts';
import type { Parameter } from '../../../model/parameter.ts';
import type { ActivityPenalty } from '../../../model/penalty.ts';
import type { RecurrentLayer } from '../../../model/recurrentLayer.ts';
import type { HalfType } from '../../../model/rounding.ts';
import type { Message } from '../../../protocol/messages.ts';
import { activationOf } from '../activations.ts';
import type { Call } from '../calls.ts';
import type { KerasVersion, LayerConfig } from '../config.ts';
import type { TensorReference } from '../references.ts';
import { activityPenalty } from '../regularizers.ts';
import { HeldMask } from './heldMask.ts';
import { activationNotComputed } from './ownCode.ts';
import { incomplete } from './refusals.ts';
import { TakenMasks } from './takenMasks.ts';

/** A tensor on its way through the layers, with the mask that Keras carries along. */
export interface Value {
  readonly name: ValueName;
  readonly mask?: ValueName;
  /** The mask is known of the tensor, but not on it any more; see `TakenMasks`. */
  readonly taken?: boolean;
}

/** A layer in its place: `path` finds its parameters. */
export interface PlacedLayer extends LayerConfig {
  readonly path: string;
  /** The call that is lowered. */
  readonly call?: Call;
}

/** Turns one call of a layer into nodes. */
export type Lowering = (layer: PlacedLayer, inputs: readonly Value[], builder: Builder) => Value;

/** The same of a layer that may put out several tensors. */
export type SeveralLowering = (
  layer: PlacedLayer,
  inputs: readonly Value[],
  builder: Builder,
) => readonly Value[];

/** Collects the nodes of a graph while its layers are lowered. */
export class Builder {
  readonly nodes: GraphNode[] = [];
  readonly inputs: GraphInput[] = [];
  /** What training the graph leaves out of what the layers do. */
  readonly notes: Message[] = [];
  /** Calls of layers so far, those among them that no output needs. */
  calls = 0;
  /** Layers that keep their states from batch to batch. */
  readonly stateful = new Set<string>();
  /** What layers are computed in as Keras computes them, and what they are computed in float32 in place of. */
  readonly halfTypes = new Set<HalfType>();
  readonly computeTypes = new Set<string>();
  /** What layers add to the loss for their outputs. */
  readonly activityPenalties: ActivityPenalty[] = [];
  /** Layers that add something that is not known here. */
  readonly unknownPenalties = new Set<string>();
  /** The value of the graph that each tensor of the configuration is, by `tensorKey`. */
  readonly tensors = new Map<string, ValueName>();
  /** Of a model for TensorFlow.js. */
  readonly heldMask: HeldMask | undefined;
  /** Of a model of Keras 3. */
  readonly takenMasks: TakenMasks | undefined;
  readonly version: KerasVersion;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #recurrent: ReadonlyMap<string, RecurrentLayer>;
  #count = 0;
  #computeType: HalfType | undefined;
  readonly #computed = new Map<ValueName, HalfType>();

  constructor(
    version: KerasVersion,
    parameters: ReadonlyMap<string, Parameter>,
    recurrent: ReadonlyMap<string, RecurrentLayer>,
  ) {
    this.version = version;
    this.heldMask = version.tensorflowJs && new HeldMask();
    this.takenMasks = version.major === 3 && !version.tensorflowJs ? new TakenMasks() : undefined;
    this.#parameters = parameters;
    this.#recurrent = recurrent;
  }

  /** A name for a new value of a layer. */
  fresh(layer: PlacedLayer): ValueName {
    return this.freshAt(layer.path);
  }

  freshAt(origin: string): ValueName {
    return `${origin}:${this.#count++}`;
  }

  /** What every node of a layer has; it puts out one value. */
  base(layer: PlacedLayer, ...inputs: ValueName[]): Pick<GraphNode, 'inputs' | 'outputs' | 'origin'> {
    return { inputs, outputs: [this.fresh(layer)], origin: layer.path };
  }

  add(node: GraphNode): ValueName {
    const type = this.#computeType;
    this.nodes.push(type ? { ...node, half: { type } } : node);
    if (type) for (const name of node.outputs) this.#computed.set(name, type);
    return node.outputs[0];
  }

  /** Nodes that are added meanwhile are computed in this type; undefined: in float32. */
  computing<T>(type: HalfType | undefined, lower: () => T): T {
    const outer = this.#computeType;
    this.#computeType = type;
    if (type) this.halfTypes.add(type);
    const result = lower();
    this.#computeType = outer;
    return result;
  }

  /** The type of values that were all computed in the same half. */
  typeOf(values: readonly Value[]): HalfType | undefined {
    const types = new Set(values.map(({ name }) => this.#computed.get(name)));
    return types.size === 1 ? [...types][0] : undefined;
  }

  /** Notes what a layer adds to the loss for the tensors that it puts out. */
  penalise(layer: PlacedLayer, outputs: readonly Value[]): void {
    const penalty = activityPenalty(layer);
    if (!penalty) return;
    const own = { ...penalty, layer: layer.path };
    this.activityPenalties.push(...outputs.map(({ name: value }) => ({ ...own, value })));
  }

  /** The parameter that the layer cannot do without. */
  parameter(layer: PlacedLayer, role: string): Parameter {
    const parameter = this.optional(layer, role);
    if (!parameter) throw incomplete({ code: 'reasonNoRole', args: { layer: layer.path, role } });
    return parameter;
  }

  optional(layer: PlacedLayer, role: string): Parameter | undefined {
    return this.#parameters.get(`${layer.path}/${role}`);
  }

  /** The layers of all weights that add a penalty to the loss. */
  penalisedLayers(): string[] {
    const parameters = [...this.#parameters.values()].filter(({ penalty }) => penalty);
    return parameters.map(({ name }) => name.slice(0, name.lastIndexOf('/')));
  }

  recurrent(layer: PlacedLayer): RecurrentLayer {
    const found = this.#recurrent.get(layer.path);
    if (!found) throw incomplete({ code: 'reasonNoLayerWeights', args: { layer: layer.path } });
    return found;
  }

  /** An activation inside a recurrent cell. */
  cellActivation(layer: PlacedLayer, value: unknown): CellActivation {
    const activation = activationOf(value, this.version);
    if (!activation) throw activationNotComputed(layer, value);
    if (typeof activation === 'object') return activation;
    return { op: activation === 'softmax' ? 'Softmax' : 'LogSoftmax' };
  }

  /** Applies an activation of a layer's configuration to a value. */
  activate(layer: PlacedLayer, from: ValueName, value: unknown): ValueName {
    const activation = activationOf(value, this.version);
    if (!activation) throw activationNotComputed(layer, value);
    const base = this.base(layer, from);
    if (activation === 'softmax') return this.add({ ...base, op: 'Softmax', axis: -1 });
    if (activation === 'log_softmax') return this.add({ ...base, op: 'LogSoftmax', axis: -1 });
    if (activation.op === 'Identity') return from;
    return this.add({ ...base, op: 'Activation', activation });
  }
}

/** Tells a tensor of a network, which stands at a path in the model, from all others. */
export function tensorKey(network: string, { layer, call, output }: TensorReference): string {
  return JSON.stringify([network, layer, call, output]);
}

/** A value with the mask of another, if it has one. */
export function masked(name: ValueName, { mask, taken }: Value): Value {
  return { name, ...(mask !== undefined && { mask }), ...(taken && { taken }) };
}
