import { type Graph, type GraphNode, isRecurrent, type ValueName } from '../../model/graph.ts';
import { masksOf, readNodes } from '../../model/reads.ts';
import type { Shape } from '../../ops/shape.ts';
import type { Dialect } from './description.ts';
import { Links } from './links.ts';
import { areMaskedStepsRead } from './maskedSteps.ts';
import { isOfMasks } from './nodes.ts';
import { pairOf } from './pairs.ts';
import { RealSteps } from './realSteps.ts';

/** What is added to masked steps: less than any value, and no infinity, which times 0 is NaN. */
const lowest = -3e38;

/**
 * The graph with masks that the format's layers do not heed as values, which are multiplied with and added: exactly the same, as they are 1
 * and 0. What cannot be said so stays.
 */
export function withMaskValues(graph: Graph, shapes: ReadonlyMap<ValueName, Shape>, dialect: Dialect): Graph {
  const rewriting = new Rewriting(graph, shapes, dialect);
  if (dialect === 'tfjs') rewriting.holdOutputs();
  return rewriting.graph();
}

type Reduction = Extract<GraphNode, { op: 'ReduceMax' | 'ReduceMean' }>;

class Rewriting {
  readonly #graph: Graph;
  readonly #shapes: ReadonlyMap<ValueName, Shape>;
  readonly #links: Links;
  readonly #real: RealSteps;
  readonly #dialect: Dialect;
  readonly #nodes: GraphNode[] = [];
  /** Recurrent nodes that go on putting out their last output at masked steps. */
  readonly #held = new Set<GraphNode>();
  /** Values whose masked steps are 0, by their masks. */
  readonly #zeroed = new Map<ValueName, ValueName>();
  /** What is read in the place of a value by what does not leave its masked steps out. */
  readonly #instead = new Map<ValueName, ValueName>();
  /** The same of what does: where the layer that makes the mask is beside the value. */
  readonly #masking = new Map<ValueName, { readonly mask: ValueName; readonly masked: ValueName }>();

  constructor(graph: Graph, shapes: ReadonlyMap<ValueName, Shape>, dialect: Dialect) {
    this.#graph = graph;
    this.#shapes = shapes;
    this.#dialect = dialect;
    this.#links = new Links(graph);
    this.#real = new RealSteps(graph, shapes, (node) => this.#nodes.push(node));
  }

  /** TensorFlow.js' layers have no zeros at masked steps: they are made behind both directions. */
  holdOutputs(): void {
    for (const node of this.#graph.nodes) {
      if (!isRecurrent(node) || this.#held.has(node)) continue;
      const pair = pairOf(this.#links, node);
      const both = pair ? [pair.forward, pair.backward] : [node];
      const [value] = pair ? pair.merge.outputs : node.outputs;
      const isLastRead = both.some(({ outputs: [, last] }) => this.#isRead(last));
      if (isLastRead || both.some(({ mask, zeroMaskedOutput }) => mask === undefined || !zeroMaskedOutput))
        continue;
      const mask = node.mask as ValueName;
      if (areMaskedStepsRead(this.#graph, value, mask)) {
        if (both.some((one) => one.mask !== mask) || !this.#real.has(mask)) continue;
        this.#zeroed.set(value, mask);
      }
      for (const one of both) this.#held.add(one);
    }
  }

  graph(): Graph {
    for (const node of this.#graph.nodes)
      this.#rewrite(this.#reading(this.#held.has(node) ? held(node) : node));
    const outputs = this.#graph.outputs.map((output) => ({
      ...output,
      name: this.#instead.get(output.name) ?? output.name,
    }));
    const graph = { ...this.#graph, nodes: this.#nodes, outputs };
    return { ...graph, nodes: readNodes(graph) };
  }

  #rewrite(node: GraphNode): void {
    const [output] = node.outputs;
    if (node.op === 'ApplyMask' && !this.#isMasking(node)) this.#zero(node, output);
    else if (this.#isReduced(node)) this.#reduce(node);
    else this.#nodes.push(node);
    const zeroed = this.#zeroed.get(output);
    if (zeroed !== undefined) {
      const zeros = `${output} zeroed`;
      this.#zero({ ...node, inputs: [output, zeroed] }, zeros);
      this.#instead.set(output, zeros);
    }
    if (node.op === 'NotEqualMask' && node.overFeatures) this.#beginMasking(node);
  }

  /** The inputs that a node reads now, of which masks that it computes with are values. */
  #reading(node: GraphNode): GraphNode {
    const left = new Map(masksOf(node).map(({ mask, input }) => [input, mask]));
    const isMask = (value: ValueName) => this.#links.producer(value)?.op === 'NotEqualMask';
    const stays = node.op === 'ApplyMask' || isOfMasks(node, isMask);
    const inputs = node.inputs.map((value, i) => {
      const mask = left.get(i);
      const masking = this.#masking.get(value);
      if (masking && masking.mask === mask) return masking.masked;
      if (mask === undefined || mask !== this.#zeroed.get(value)) value = this.#instead.get(value) ?? value;
      return stays ? value : this.#asValue(value);
    });
    return { ...node, inputs };
  }

  /** A mask [B,T]; any other value is as it was. */
  #asValue(value: ValueName): ValueName {
    const made = this.#links.producer(value);
    const real = made?.op === 'NotEqualMask' ? this.#real.of(value) : undefined;
    if (!made || real === undefined) return value;
    const output = `${value} value`;
    const shape = [-1];
    this.#nodes.push({ op: 'Reshape', inputs: [real], outputs: [output], origin: made.origin, shape });
    return output;
  }

  /** Whether it sets the steps to 0 that the mask is made of, as Keras' Masking does. */
  #isMasking({ inputs: [x, mask] }: GraphNode): boolean {
    const made = this.#links.producer(mask);
    return made?.op === 'NotEqualMask' && made.overFeatures && made.inputs[0] === x;
  }

  /** Where no layer sets masked features to 0, one does for those that do not see them. */
  #beginMasking({ inputs: [x], outputs: [mask], origin }: GraphNode): void {
    const readers = this.#links.readers(x);
    if (readers.some((one) => one.op === 'ApplyMask' && one.inputs[1] === mask)) return;
    const masked = `${x} masked`;
    this.#nodes.push({ op: 'ApplyMask', inputs: [x, mask], outputs: [masked], origin });
    this.#masking.set(x, { mask, masked });
  }

  /** @param node whose inputs are a value and a mask */
  #zero({ inputs: [value, mask], origin, ...node }: GraphNode, output: ValueName): void {
    const real = this.#real.of(mask);
    const base = { outputs: [output], origin };
    this.#nodes.push(
      real === undefined
        ? ({ ...node, ...base, inputs: [value, mask] } as GraphNode)
        : { ...base, op: 'Mul', inputs: [value, real] },
    );
  }

  /** Whether it takes real steps alone, which the format's layer of it does not. */
  #isReduced(node: GraphNode): node is Reduction {
    const isPooling = node.op === 'ReduceMax' || (node.op === 'ReduceMean' && this.#dialect === 'tfjs');
    return isPooling && node.mask !== undefined && this.#real.has(node.mask);
  }

  #reduce({ mask, ...node }: Reduction): void {
    const real = this.#real.of(mask ?? '') ?? '';
    const { origin } = node;
    const [x] = node.inputs;
    const [output] = node.outputs;
    const [low, other] = [`${output} low`, `${output} of real steps`];
    // 0 at real steps, beside which no other value is the largest, and none has a share in a softmax.
    const activation = { op: 'Affine', alpha: -lowest, beta: lowest } as const;
    this.#nodes.push({ op: 'Activation', inputs: [real], outputs: [low], origin, activation });
    if (node.op === 'ReduceMax') {
      this.#nodes.push(
        { op: 'Add', inputs: [x, low], outputs: [other], origin },
        { ...node, inputs: [other] },
      );
      return;
    }
    const [row, shares, mean] = ['row', 'shares', 'mean'].map((name) => `${output} ${name}`);
    const width = this.#shapes.get(x)?.[2] ?? -1;
    this.#nodes.push(
      { op: 'Transpose', inputs: [low], outputs: [row], origin, permutation: [0, 2, 1] },
      { op: 'Softmax', inputs: [row], outputs: [shares], origin, axis: 2 },
      { op: 'Product', inputs: [shares, x], outputs: [mean], origin },
      {
        op: 'Reshape',
        inputs: [mean],
        outputs: [output],
        origin,
        shape: node.keepAxis ? [1, width] : [width],
      },
    );
  }

  #isRead(value: ValueName | undefined): boolean {
    return value !== undefined && (this.#links.readers(value).length > 0 || this.#links.isOutput(value));
  }
}

/** With its last output at masked steps. */
function held(node: GraphNode): GraphNode {
  if (!isRecurrent(node)) return node;
  const { zeroMaskedOutput: _, ...bare } = node;
  return bare;
}
