import type { Graph, GraphNode, RecurrentNode } from '../../extension/model/graph.ts';
import type { Loss } from '../../extension/model/loss.ts';
import { sizeOf } from '../../extension/model/parameter.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import type { Cell } from '../../extension/protocol/report.ts';
import {
  type LayerOptions,
  type MemoryParameter,
  memoryLayer,
  memoryParameter,
  parametersIn,
} from './memoryModel.ts';
import { randomFloats, seeded, wholeBelow } from './random.ts';

/** A graph with a loss, its parameters, and one batch for it: the targets are the last input. */
export interface TrainingCase {
  readonly name: string;
  readonly graph: Graph;
  readonly parameters: readonly MemoryParameter[];
  readonly inputs: readonly Tensor[];
}

const batch = 5;
const steps = 7;

/** Graphs that together hold every operator that is trained, with odd sizes. */
export function trainingCases(): TrainingCase[] {
  return [
    classifier('LSTM'),
    classifier('GRU'),
    classifier('GRU', { linearBeforeReset: true }, 2),
    classifier('RNN'),
    classifier('RNN', { activation: { op: 'Relu' } }),
    classifier('LSTM', { gateActivation: { op: 'HardSigmoid', alpha: 0.2, beta: 0.5 } }),
    classifier('LSTM', { activation: { op: 'Softsign' } }, 2),
    classifier('LSTM', { reverse: true }),
    classifier('LSTM', {}, 2),
    classifier('GRU', { reverse: true }, 0),
    masked('LSTM'),
    masked('GRU', { linearBeforeReset: true }),
    masked('RNN', { zeroMaskedOutput: true }),
    maskedIds(),
    tagger(),
    encoderDecoder(),
    sharedLayer(),
    regression('mean_squared_error'),
    regression('huber'),
    regression('log_cosh'),
    regression('poisson', 'sigmoid'),
    regression('kl_divergence', 'sigmoid'),
    binary(true),
    binary(false),
  ];
}

type RecurrentOptions = Partial<
  Pick<RecurrentNode, 'activation' | 'gateActivation' | 'linearBeforeReset' | 'reverse' | 'zeroMaskedOutput'>
>;

/** Collects parameters and nodes. */
export class Sketch {
  readonly parameters: MemoryParameter[] = [];
  readonly nodes: GraphNode[] = [];
  readonly next = seeded(7);

  recurrent(
    op: Cell,
    [inputSize, hiddenSize]: [number, number],
    node: Pick<RecurrentNode, 'inputs' | 'outputs'> & Partial<RecurrentNode>,
    biases = 1,
    further: Partial<LayerOptions> = {},
  ) {
    const name = `layer${this.nodes.length}`;
    const layer = memoryLayer({ name, cell: op, inputSize, hiddenSize, biases, ...further }, this.next);
    this.parameters.push(...parametersIn(layer));
    const [gateActivation, activation] = [{ op: 'Sigmoid' }, { op: 'Tanh' }] as const;
    this.nodes.push({ op, origin: name, layer, gateActivation, activation, ...node });
    return layer;
  }

  parameter(name: string, shape: readonly number[]): MemoryParameter {
    const made = memoryParameter(name, shape, randomFloats(sizeOf(shape), this.next));
    this.parameters.push(made);
    return made;
  }

  dense(input: string, output: string, [from, to]: [number, number]): void {
    const weight = this.parameter(`${output}/kernel`, [from, to]);
    const bias = this.parameter(`${output}/bias`, [to]);
    this.nodes.push({ op: 'MatMul', inputs: [input], outputs: [output], origin: output, weight, bias });
  }

  concat(inputs: readonly string[], output: string): void {
    this.nodes.push({ op: 'Concat', inputs, outputs: [output], origin: output, axis: -1 });
  }

  floats(...shape: number[]): Tensor {
    return { shape, data: randomFloats(sizeOf(shape), this.next) };
  }

  classes(count: number, ...shape: number[]): Tensor {
    return { shape, data: Int32Array.from({ length: sizeOf(shape) }, () => wholeBelow(count, this.next)) };
  }

  /** Whole and shorter sequences, and one of a single step. */
  mask(): Tensor {
    const lengths = Array.from({ length: batch }, (_, b) => [steps, 1, 4][b % 3]);
    const data = lengths.flatMap((length) => Array.from({ length: steps }, (_, t) => (t < length ? 1 : 0)));
    return { shape: [batch, steps], data: Float32Array.from(data) };
  }

  case(name: string, value: string, loss: Loss, inputs: [string, Tensor][], mask?: string): TrainingCase {
    this.nodes.push({
      op: 'Loss',
      inputs: [value, inputs[inputs.length - 1][0]],
      outputs: ['loss', 'rows'],
      origin: 'loss',
      loss,
      ...(mask !== undefined && { mask }),
    });
    const graph: Graph = {
      inputs: inputs.map(([input, { shape, data }]) => ({
        name: input,
        shape: [null, ...shape.slice(1)],
        dtype: data instanceof Int32Array ? 'int32' : 'float32',
      })),
      nodes: this.nodes,
      outputs: [{ name: value }],
    };
    return { name, graph, parameters: this.parameters, inputs: inputs.map(([, tensor]) => tensor) };
  }
}

const sparse = (width: number): Loss => ({
  name: 'sparse_categorical_crossentropy',
  head: 'softmax',
  width,
  fromLogits: true,
});

function classifier(op: Cell, options: RecurrentOptions = {}, biases = 1): TrainingCase {
  const sketch = new Sketch();
  sketch.recurrent(op, [3, 6], { inputs: ['x'], outputs: ['sequence', 'last'], ...options }, biases);
  sketch.dense('last', 'logits', [6, 4]);
  const { gateActivation, activation, ...rest } = options;
  const details = [
    ...Object.keys(rest),
    ...[gateActivation, activation].flatMap((one) => (one ? [one.op] : [])),
    `biases ${biases}`,
  ];
  return sketch.case(`${op} to classes (${details.join(', ')})`, 'logits', sparse(4), [
    ['x', sketch.floats(batch, steps, 3)],
    ['targets', sketch.classes(4, batch)],
  ]);
}

/** One target a step, and masked steps that hold nonsense. */
function masked(op: Cell, options: RecurrentOptions = {}): TrainingCase {
  const sketch = new Sketch();
  const node = { inputs: ['x'], outputs: ['sequence', 'last'], mask: 'mask', ...options };
  sketch.recurrent(op, [3, 5], node);
  sketch.dense('sequence', 'logits', [5, 4]);
  const x = sketch.floats(batch, steps, 3);
  const targets = sketch.classes(4, batch, steps);
  const mask = sketch.mask();
  for (let row = 0; row < batch * steps; row++) {
    if (mask.data[row] !== 0) continue;
    targets.data[row] = -9;
    x.data.fill(1e30, 3 * row, 3 * row + 3);
  }
  const inputs: [string, Tensor][] = [
    ['x', x],
    ['mask', mask],
    ['targets', targets],
  ];
  return sketch.case(`masked ${op}, a class a step`, 'logits', sparse(4), inputs, 'mask');
}

/** The ids themselves say which steps count. */
function maskedIds(): TrainingCase {
  const sketch = new Sketch();
  const table = sketch.parameter('table', [11, 3]);
  const base = { inputs: ['ids'], origin: 'embedding' };
  sketch.nodes.push(
    { ...base, op: 'Gather', outputs: ['x'], table },
    { ...base, op: 'NotEqualMask', outputs: ['mask'], value: 0, overFeatures: false },
  );
  const node = { inputs: ['x'], outputs: ['sequence', 'last'], mask: 'mask' };
  sketch.recurrent('LSTM', [3, 5], node);
  sketch.dense('sequence', 'logits', [5, 4]);
  const mask = sketch.mask();
  const ids = sketch.classes(10, batch, steps);
  const shorter = ids.data.map((id, i) => (mask.data[i] === 0 ? 0 : id + 1));
  const inputs: [string, Tensor][] = [
    ['ids', { ...ids, data: Int32Array.from(shorter) }],
    ['targets', sketch.classes(4, batch, steps)],
  ];
  return sketch.case('embedding that masks, a class a step', 'logits', sparse(4), inputs, 'mask');
}

/** Embedding, both directions, a stack, and a class a step. */
function tagger(): TrainingCase {
  const sketch = new Sketch();
  const table = sketch.parameter('table', [11, 3]);
  sketch.nodes.push({ op: 'Gather', inputs: ['ids'], outputs: ['x'], origin: 'embedding', table });
  sketch.recurrent('LSTM', [3, 4], { inputs: ['x'], outputs: ['forward', 'lastForward'] });
  const backward = { inputs: ['x'], outputs: ['backward', 'lastBackward'], reverse: true };
  sketch.recurrent('GRU', [3, 5], backward, 2);
  sketch.nodes.push({
    op: 'Concat',
    inputs: ['forward', 'backward'],
    outputs: ['both'],
    origin: 'both',
    axis: -1,
  });
  sketch.recurrent('LSTM', [9, 3], { inputs: ['both'], outputs: ['top', 'lastTop'] });
  sketch.dense('top', 'logits', [3, 6]);
  return sketch.case('embedding, both directions, a stack', 'logits', sparse(6), [
    ['ids', sketch.classes(11, batch, steps)],
    ['targets', sketch.classes(6, batch, steps)],
  ]);
}

/** The final state of one layer starts the next. */
function encoderDecoder(): TrainingCase {
  const sketch = new Sketch();
  sketch.recurrent('LSTM', [3, 5], { inputs: ['x'], outputs: ['s1', 'l1', 'h', 'c'] });
  sketch.recurrent('LSTM', [2, 5], { inputs: ['z', 'h', 'c'], outputs: ['s2', 'l2', 'h2', 'c2'] });
  sketch.nodes.push({
    op: 'Concat',
    inputs: ['l2', 'h2', 'c2'],
    outputs: ['all'],
    origin: 'all',
    axis: -1,
  });
  sketch.dense('all', 'logits', [15, 4]);
  return sketch.case('encoder and decoder', 'logits', sparse(4), [
    ['x', sketch.floats(batch, steps, 3)],
    ['z', sketch.floats(batch, 4, 2)],
    ['targets', sketch.classes(4, batch)],
  ]);
}

/** One layer for two inputs: its gradients add up. */
function sharedLayer(): TrainingCase {
  const sketch = new Sketch();
  const layer = sketch.recurrent('GRU', [3, 4], { inputs: ['x'], outputs: ['s1', 'l1'] });
  const [first] = sketch.nodes as [RecurrentNode];
  sketch.nodes.push({ ...first, layer, inputs: ['z'], outputs: ['s2', 'l2'] });
  sketch.nodes.push({ op: 'Concat', inputs: ['l1', 'l2'], outputs: ['both'], origin: 'both', axis: -1 });
  sketch.dense('both', 'logits', [8, 3]);
  return sketch.case('one layer for two inputs', 'logits', sparse(3), [
    ['x', sketch.floats(batch, steps, 3)],
    ['z', sketch.floats(batch, 3, 3)],
    ['targets', sketch.classes(3, batch)],
  ]);
}

function regression(name: Loss['name'], head: Loss['head'] = 'linear'): TrainingCase {
  const sketch = new Sketch();
  sketch.recurrent('LSTM', [2, 4], { inputs: ['x'], outputs: ['sequence', 'last'] });
  sketch.dense('sequence', 'y', [4, 2]);
  return sketch.case(name, 'y', { name, head, width: 2, fromLogits: false }, [
    ['x', sketch.floats(batch, steps, 2)],
    ['targets', sketch.floats(batch, steps, 2)],
  ]);
}

function binary(fromLogits: boolean): TrainingCase {
  const sketch = new Sketch();
  sketch.recurrent('LSTM', [2, 4], { inputs: ['x'], outputs: ['sequence', 'last'] });
  sketch.dense('last', 'z', [4, 3]);
  const loss: Loss = { name: 'binary_crossentropy', head: 'sigmoid', width: 3, fromLogits };
  const targets = sketch.classes(2, batch, 3);
  return sketch.case(`binary cross-entropy from ${fromLogits ? 'logits' : 'probabilities'}`, 'z', loss, [
    ['x', sketch.floats(batch, steps, 2)],
    ['targets', { shape: targets.shape, data: Float32Array.from(targets.data) }],
  ]);
}
