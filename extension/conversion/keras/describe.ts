import {
  type Graph,
  type GraphNode,
  isRecurrent,
  type RecurrentNode,
  type ValueName,
} from '../../model/graph.ts';
import { masksOf } from '../../model/reads.ts';
import { inferShapes } from '../../ops/infer.ts';
import type { Shape } from '../../ops/shape.ts';
import { impossible, impossibleNode, option, ownActivation } from './activationName.ts';
import { DescribedLayers } from './describedLayers.ts';
import type { Dialect, KerasDescription } from './description.ts';
import { withGelus } from './gelus.ts';
import { HandedMasks } from './handedMasks.ts';
import { type Heads, headsLayer, headsOf } from './heads.ts';
import { kerasLayer } from './layers.ts';
import { Links } from './links.ts';
import { MaskedInputs } from './maskedInputs.ts';
import { areMaskedStepsRead } from './maskedSteps.ts';
import { withoutIdleMasks } from './maskMeanings.ts';
import { withMaskValues } from './maskValues.ts';
import { byLastAxis, isLastStep, isOfMasks, isRelu, keptBatch, lastKey, worksOnEachStep } from './nodes.ts';
import { inKerasOrder } from './order.ts';
import { bidirectionalLayer, isWrapped, type Pair, pairOf } from './pairs.ts';
import { pickLayers, reverseLayer } from './pick.ts';
import { readOutputs } from './readOutputs.ts';
import { kerasRecurrent } from './recurrent.ts';

/**
 * A graph as a functional Keras model. Masks are left to Keras, which hands them on by itself from a Masking or an Embedding. Throws
 * conversionImpossible, naming the first layer that Keras, or TensorFlow.js, has no layer for.
 */
export function describeKeras(
  graph: Graph,
  shapes: ReadonlyMap<ValueName, Shape>,
  dialect: Dialect,
): KerasDescription {
  const said = withMaskValues(withoutIdleMasks(withGelus(graph)), shapes, dialect);
  return new Describing(said, inferShapes(said), dialect, graph).description();
}

class Describing {
  readonly #graph: Graph;
  readonly #shapes: ReadonlyMap<ValueName, Shape>;
  readonly #dialect: Dialect;
  /** Before masks became values. */
  readonly #original: Graph;
  /** Where layers keep states, of how many samples; else null. */
  readonly #batch: number | null;
  readonly #links: Links;
  readonly #described: DescribedLayers;
  readonly #masks = new Set<ValueName>();
  readonly #handed: HandedMasks;
  readonly #inputs: MaskedInputs;
  /** Nodes that became part of the layer of another one. */
  readonly #taken = new Set<GraphNode>();
  readonly #heads = new Map<GraphNode, Heads>();
  /** Sequences that stand the last step first. */
  readonly #turned = new Set<ValueName>();

  constructor(graph: Graph, shapes: ReadonlyMap<ValueName, Shape>, dialect: Dialect, original: Graph) {
    this.#graph = graph;
    this.#original = original;
    this.#shapes = shapes;
    this.#dialect = dialect;
    this.#batch = keptBatch(graph);
    this.#links = new Links(graph);
    this.#handed = new HandedMasks(graph, this.#links, dialect);
    this.#described = new DescribedLayers(shapes, this.#links, dialect, this.#batch);
    this.#inputs = new MaskedInputs(this.#handed, this.#links, dialect, this.#described);
  }

  description(): KerasDescription {
    const inputs = this.#graph.inputs.map(({ name, shape: [, ...rest], dtype }) => {
      const own = this.#described.fresh(name);
      const key = this.#dialect === 'keras' ? 'batch_shape' : 'batch_input_shape';
      const config = { [key]: [this.#batch, ...rest], dtype, sparse: false, name: own };
      this.#described.push({ className: 'InputLayer', name: own, config, inputs: [], weights: [] });
      return this.#described.set(name, own, 0, dtype);
    });
    if (this.#dialect === 'keras') this.#findHeads();
    for (const node of this.#graph.nodes)
      if (!this.#taken.has(node)) this.#describe(byLastAxis(node, this.#shapes));
    const outputs = this.#graph.outputs.map((output) => this.#inputs.output(output));
    return { inputs, layers: inKerasOrder({ layers: this.#described.layers, outputs }), outputs };
  }

  /** Attentions by heads take the dense layers around them. */
  #findHeads(): void {
    for (const node of this.#graph.nodes) {
      const heads = node.op === 'Attention' ? headsOf(this.#links, node) : undefined;
      if (!heads) continue;
      this.#heads.set(node, heads);
      for (const own of [heads.query, heads.value, heads.key, heads.output]) this.#taken.add(own);
    }
  }

  #attention(heads: Heads): void {
    const { query, value, key, output } = heads;
    const values = [query, value, key].map((one) => one.inputs[0]);
    const inputs = this.#inputs.ofHeads(heads.attention, values);
    const layer = headsLayer(heads, this.#described.fresh(output.origin), inputs);
    this.#described.push(layer);
    this.#described.set(output.outputs[0], layer.name, 0);
    this.#handed.set(
      output.outputs[0],
      this.#inputs.isBare(inputs[0]) ? undefined : this.#handed.of(values[0]),
    );
  }

  #describe(node: GraphNode): void {
    // Keras hands on what its own layers say, no mask that comes from outside.
    for (const { mask } of masksOf(node))
      if (!this.#masks.has(mask)) throw impossible(node.origin, option('optionMasks'), this.#dialect);
    // Keras makes a layer's weights as wide as what it reads.
    const isWeighted = node.op === 'MatMul' || node.op === 'Conv' || isRecurrent(node);
    if (isWeighted && this.#shapes.get(node.inputs[0])?.at(-1) === null)
      throw impossible(node.origin, option('optionFreeFeatures'), this.#dialect);
    const heads = this.#heads.get(node);
    if (heads) this.#attention(heads);
    else if (isOfMasks(node, (name) => this.#masks.has(name))) this.#masks.add(node.outputs[0]);
    else if (isRecurrent(node)) this.#recurrent(node);
    else if (node.op === 'NotEqualMask') this.#mask(node);
    else if (node.op === 'Reverse') this.#reverse(node);
    else if (node.op === 'Select' || node.op === 'Slice') this.#pick(node);
    else if (!this.#foldsInto(node)) this.#plain(node);
  }

  #plain(node: GraphNode): void {
    const { padding, ...own } = kerasLayer(
      node,
      this.#dialect,
      node.inputs.map((input) => this.#shapes.get(input)?.length ?? 0),
      node.inputs.every((input) => isRelu(this.#links.producer(input))),
    );
    if (own.operation) {
      const tensors = node.inputs.map((input) => this.#described.of(input));
      this.#described.set(node.outputs[0], this.#described.operation(node.origin, own, tensors), 0);
      return;
    }
    const isEachStep = worksOnEachStep(node, this.#shapes);
    const className = isEachStep ? 'TimeDistributed' : own.className;
    if (isEachStep && padding) throw impossible(node.origin, option('optionPaddingLengths'), this.#dialect);
    const read = this.#handed.isHeeded(own.className)
      ? this.#inputs.heeding(node, node.inputs)
      : node.inputs.map((input) => this.#described.of(input));
    const distinct = this.#described.distinct(read);
    const inputs = padding ? distinct.map((input) => this.#described.padded(input, padding)) : distinct;
    const name = this.#described.fresh(node.origin);
    const masks = this.#handed.isMasking(node) ? { mask_zero: true } : {};
    const usual = { name, trainable: true, dtype: 'float32' };
    const layer = { ...own, name, config: { ...usual, ...own.config, ...masks }, inputs };
    this.#described.push(
      isEachStep ? { className, name, config: usual, inputs, weights: [], inner: layer } : layer,
    );
    this.#described.set(node.outputs[0], name, 0);
    const given = node.inputs.map((input, i) =>
      inputs[i] === this.#described.find(input) ? this.#handed.of(input) : undefined,
    );
    this.#handed.pass(node, className, given);
  }

  /** An activation behind a dense layer, which nothing else reads, becomes that layer's own. */
  #foldsInto(node: GraphNode): boolean {
    const name = ownActivation(node, this.#dialect);
    const [input] = node.inputs;
    const tensor = input === undefined ? undefined : this.#described.find(input);
    const layer = this.#described.layers.find((one) => one.name === tensor?.layer);
    const isAlone =
      input !== undefined && this.#links.readers(input).length === 1 && !this.#links.isOutput(input);
    const isOwn = this.#links.producer(input ?? '')?.origin === node.origin;
    if (name === undefined || !layer || !isAlone || !isOwn || layer.config.activation !== 'linear')
      return false;
    layer.config = { ...layer.config, activation: name };
    this.#described.set(node.outputs[0], layer.name, 0);
    this.#handed.set(node.outputs[0], this.#handed.of(input));
    return true;
  }

  /** A Masking layer, or that of an Embedding. */
  #mask(node: Extract<GraphNode, { op: 'NotEqualMask' }>): void {
    const [x] = node.inputs;
    this.#masks.add(node.outputs[0]);
    if (this.#handed.isOfTable(node.outputs[0])) return;
    const applied = this.#links
      .readers(x)
      .find(({ op, inputs }) => op === 'ApplyMask' && inputs[1] === node.outputs[0]);
    if (!applied || !node.overFeatures) throw impossibleNode(node, this.#dialect);
    this.#taken.add(applied);
    const name = this.#described.fresh(node.origin);
    const config = { name, trainable: true, dtype: 'float32', mask_value: node.value };
    this.#described.push({
      className: 'Masking',
      name,
      config,
      inputs: [this.#described.of(x)],
      weights: [],
    });
    this.#described.set(applied.outputs[0], name, 0);
    this.#handed.begin(applied.outputs[0], node.outputs[0]);
  }

  /** On its way into recurrent layers alone, a sequence is turned round by them. */
  #reverse(node: GraphNode): void {
    const [output] = node.outputs;
    const readers = this.#links.readers(output);
    if (
      readers.every((one) => isRecurrent(one) && one.inputs.indexOf(output) === 0) &&
      !this.#links.isOutput(output)
    )
      return;
    this.#turn(node.inputs[0], output, node.origin);
  }

  #turn(value: ValueName, output: ValueName, origin: string): void {
    if (this.#dialect === 'tfjs') throw impossibleNode({ op: 'Reverse', origin }, this.#dialect);
    const layer = reverseLayer(this.#described.of(value), this.#described.fresh(origin));
    this.#described.push(layer);
    this.#described.set(output, layer.name, 0);
  }

  /** The last step that a recurrent layer computes is its last output. */
  #pick(node: Extract<GraphNode, { op: 'Select' | 'Slice' }>): void {
    const [input] = node.inputs;
    const made = this.#links.producer(input);
    const isLast = isRecurrent(made) && made.outputs[0] === input && isLastStep(node, made);
    const last = isLast ? this.#described.find(lastKey(made)) : undefined;
    if (last) {
      this.#described.alias(node.outputs[0], last);
      return;
    }
    const fresh = (wanted: string) => this.#described.fresh(wanted);
    const layers = pickLayers(node, this.#described.of(input), this.#turned.has(input), this.#dialect, fresh);
    this.#described.push(...layers);
    this.#described.set(node.outputs[0], layers[layers.length - 1].name, 0);
  }

  #recurrent(node: RecurrentNode): void {
    const pair = pairOf(this.#links, node);
    if (pair && this.#isWrapped(pair)) {
      this.#bidirectional(pair);
      return;
    }
    const source = this.#links.producer(node.inputs[0]);
    const turned = source?.op === 'Reverse' && !this.#masks.has(source.outputs[0]);
    const [sequence, last, ...finals] = node.outputs;
    const read = readOutputs(node, this.#links);
    const returnState = read.finals || (read.sequence && read.last);
    const name = this.#described.fresh(node.origin);
    const [x, ...initial] = [turned ? source.inputs[0] : node.inputs[0], ...node.inputs.slice(1)];
    const entering = this.#inputs.sequence(node, x, turned);
    const inputs = [entering.tensor, ...initial.map((state) => this.#described.of(state))];
    const use = {
      name,
      inputs,
      returnSequences: read.sequence,
      returnState,
      goBackwards: turned || node.reverse === true,
    };
    this.#described.push(kerasRecurrent(node, use, this.#dialect));
    if (sequence !== undefined && read.sequence) {
      this.#sequence(node, sequence, name);
      if (turned || !node.reverse) this.#handed.set(sequence, entering.mask);
    }
    if (last !== undefined) this.#described.set(last, name, read.sequence ? 1 : 0);
    const [batch = null, , width = null] = this.#described.shapeOf(node.outputs[0]);
    this.#described.alias(lastKey(node), {
      layer: name,
      output: read.sequence ? 1 : 0,
      shape: [batch, width],
      dtype: 'float32',
    });
    for (const [i, final] of finals.entries()) this.#described.set(final, name, 1 + i);
  }

  /** A layer that goes backwards puts out the last step first, which is no matter where single steps are taken of that. */
  #sequence(node: RecurrentNode, sequence: ValueName, name: string): void {
    this.#described.set(sequence, name, 0);
    if (!node.reverse) return;
    const readers = this.#links.readers(sequence);
    if (!this.#links.isOutput(sequence) && readers.every((one) => one.op === 'Select' && one.axis === 1))
      this.#turned.add(sequence);
    else this.#turn(sequence, sequence, node.origin);
  }

  #isWrapped(pair: Pair): boolean {
    const { mask } = pair.forward;
    const seen = mask !== undefined && areMaskedStepsRead(this.#original, pair.merge.outputs[0], mask);
    return isWrapped(pair, { dialect: this.#dialect, seen });
  }

  #bidirectional(pair: Pair): void {
    const { forward, backward, merge } = pair;
    this.#taken.add(backward);
    this.#taken.add(merge);
    const name = this.#described.fresh(merge.origin);
    const [x] = forward.inputs;
    if (forward.mask !== backward.mask) throw impossible(merge.origin, option('optionMasks'), this.#dialect);
    const entering = this.#inputs.sequence(forward, x, false);
    const [merged] = merge.outputs;
    this.#described.push(bidirectionalLayer(pair, name, [entering.tensor], this.#dialect));
    this.#described.set(merged, name, 0);
    if (merge.inputs[0] === forward.outputs[0]) this.#handed.set(merged, entering.mask);
  }
}
