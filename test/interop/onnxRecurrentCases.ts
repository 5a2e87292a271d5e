import type { GateView } from '../../extension/model/gateView.ts';
import type { CellActivation, Graph, GraphNode, RecurrentNode } from '../../extension/model/graph.ts';
import { type Parameter, sizeOf } from '../../extension/model/parameter.ts';
import { gatesOf, type RecurrentLayer } from '../../extension/model/recurrentLayer.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import type { Cell } from '../../extension/protocol/report.ts';
import { memoryParameter } from '../support/memoryModel.ts';
import { randomFloats, seeded } from '../support/random.ts';

/** One use of ONNX' LSTM, GRU or RNN: what the operator gets, and the graph that computes the same. */
export interface OnnxCase {
  readonly name: string;
  readonly op: Cell;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** By ONNX' names, time first. */
  readonly arrays: Readonly<Record<string, Tensor>>;
  readonly graph: Graph;
  /** The graph's inputs. */
  readonly inputs: readonly Tensor[];
}

/** What a case has of all that the operators can have. */
export interface OnnxChoice {
  readonly op: Cell;
  readonly direction: 'forward' | 'reverse' | 'bidirectional';
  /** Of each direction: f, g and h of an LSTM, f and g of a GRU, f of an RNN. Absent: ONNX' defaults. */
  readonly activations?: readonly CellActivation[];
  readonly clip?: number;
  readonly lengths?: boolean;
  readonly initial?: boolean;
  readonly peepholes?: boolean;
  readonly inputForget?: boolean;
  readonly linearBeforeReset?: boolean;
}

const [steps, batch, inputSize, hiddenSize] = [6, 4, 3, 5];

/** Gate blocks in ONNX' order, and those of P. */
const onnxGates = { LSTM: ['i', 'o', 'f', 'c'], GRU: ['z', 'r', 'h'], RNN: ['h'] } as const;
const peepholeGates = ['i', 'o', 'f'];

const usual: Record<Cell, readonly CellActivation[]> = {
  LSTM: [{ op: 'Sigmoid' }, { op: 'Tanh' }, { op: 'Tanh' }],
  GRU: [{ op: 'Sigmoid' }, { op: 'Tanh' }],
  RNN: [{ op: 'Tanh' }],
};

export function onnxCase(choice: OnnxChoice, seed: number): OnnxCase {
  const { op, direction, lengths = false, initial = false, peepholes = false } = choice;
  const next = seeded(seed);
  const directions = direction === 'bidirectional' ? 2 : 1;
  const gates = gatesOf[op].length;
  const floats = (...shape: number[]): Tensor => ({ shape, data: randomFloats(sizeOf(shape), next) });
  const states = op === 'LSTM' ? ['initial_h', 'initial_c'] : ['initial_h'];
  const arrays: Record<string, Tensor> = {
    X: floats(steps, batch, inputSize),
    W: floats(directions, gates * hiddenSize, inputSize),
    R: floats(directions, gates * hiddenSize, hiddenSize),
    B: floats(directions, 2 * gates * hiddenSize),
    ...(lengths && { sequence_lens: { shape: [batch], data: Int32Array.of(6, 1, 4, 3) } }),
    ...(initial && Object.fromEntries(states.map((state) => [state, floats(directions, batch, hiddenSize)]))),
    ...(peepholes && { P: floats(directions, 3 * hiddenSize) }),
  };
  return { name: nameOf(choice), op, attributes: attributesOf(choice), arrays, ...graphOf(choice, arrays) };
}

function nameOf(choice: OnnxChoice): string {
  const { op, direction, activations, ...rest } = choice;
  const functions = activations?.map((one) => one.op) ?? [];
  const options = Object.entries(rest).filter(([, value]) => value !== undefined && value !== false);
  return [
    op,
    direction,
    ...functions,
    ...options.map(([key, value]) => (value === true ? key : `${key} ${value}`)),
  ].join(', ');
}

function attributesOf(choice: OnnxChoice): Record<string, unknown> {
  const { op, direction, activations, clip } = choice;
  const count = direction === 'bidirectional' ? 2 : 1;
  const all = activations && Array.from({ length: count }, () => activations).flat();
  const constants = (key: 'alpha' | 'beta') => {
    const values = all?.flatMap((one) => (key in one ? [(one as Record<string, unknown>)[key]] : [])) ?? [];
    return values.length > 0 && { [`activation_${key}`]: values };
  };
  return {
    hidden_size: hiddenSize,
    direction,
    ...(all && {
      activations: all.map((one) => one.op),
      ...constants('alpha'),
      ...constants('beta'),
    }),
    ...(clip !== undefined && { clip }),
    ...(op === 'LSTM' && { input_forget: choice.inputForget ? 1 : 0 }),
    ...(op === 'GRU' && { linear_before_reset: choice.linearBeforeReset ? 1 : 0 }),
  };
}

function graphOf(choice: OnnxChoice, arrays: OnnxCase['arrays']): Pick<OnnxCase, 'graph' | 'inputs'> {
  const { op, direction, clip, lengths, initial } = choice;
  const parameters = new Map(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, memoryParameter(name, shape, data)]),
  );
  const inputs: [string, Tensor][] = [['x', batchFirst(arrays.X)]];
  const nodes: GraphNode[] = [];
  if (lengths) {
    inputs.push(['lengths', arrays.sequence_lens]);
    nodes.push({ op: 'LengthMask', inputs: ['lengths', 'x'], outputs: ['mask'], origin: 'layer' });
  }
  const [gateActivation, activation = gateActivation, outputActivation] = choice.activations ?? usual[op];
  const turns = direction === 'bidirectional' ? [false, true] : [direction === 'reverse'];
  for (const [d, reverse] of turns.entries()) {
    const states = initial ? (op === 'LSTM' ? ['initial_h', 'initial_c'] : ['initial_h']) : [];
    for (const state of states) inputs.push([`${state}${d}`, slice(arrays[state], d)]);
    const node: RecurrentNode = {
      op,
      layer: layerOf(choice, d, parameters),
      inputs: ['x', ...states.map((state) => `${state}${d}`)],
      outputs: ['all', 'last', 'h', ...(op === 'LSTM' ? ['c'] : [])].map((name) => `${name}${d}`),
      origin: 'layer',
      reverse,
      gateActivation,
      activation,
      ...(outputActivation && { outputActivation }),
      ...(clip !== undefined && { clip }),
      ...(lengths && { mask: 'mask', zeroMaskedOutput: true }),
      ...(choice.inputForget && { inputForget: true }),
      ...(choice.linearBeforeReset && { linearBeforeReset: true }),
    };
    nodes.push(node);
  }
  const graph: Graph = {
    inputs: inputs.map(([name, { shape, data }]) => ({
      name,
      shape: [null, ...shape.slice(1)],
      dtype: data instanceof Int32Array ? 'int32' : 'float32',
    })),
    nodes,
    outputs: [{ name: 'all0' }],
  };
  return { graph, inputs: inputs.map(([, tensor]) => tensor) };
}

/** Views into W [dirs, G·H, I], R [dirs, G·H, H], B [dirs, 2·G·H] and P [dirs, 3·H]. */
function layerOf(
  { op, peepholes }: OnnxChoice,
  d: number,
  parameters: ReadonlyMap<string, Parameter>,
): RecurrentLayer {
  const order: readonly string[] = onnxGates[op];
  const block = (name: string, at: number, columns: number): GateView => ({
    parameter: parameters.get(name) as Parameter,
    rows: hiddenSize,
    columns,
    offset: at * hiddenSize * columns,
    rowStride: columns,
    columnStride: 1,
  });
  return {
    name: `layer${d}`,
    cell: op,
    direction: 'forward',
    inputSize,
    hiddenSize,
    zeroPreserving: false,
    gates: gatesOf[op].map((name) => {
      const g = order.indexOf(name);
      const p = peepholeGates.indexOf(name);
      return {
        name,
        kernel: block('W', d * order.length + g, inputSize),
        recurrent: block('R', d * order.length + g, hiddenSize),
        biases: [0, 1].map((b) => block('B', (2 * d + b) * order.length + g, 1)),
        ...(peepholes && p >= 0 && { peephole: block('P', 3 * d + p, 1) }),
      };
    }),
  };
}

/** [T,B,…] as [B,T,…] */
export function batchFirst({ shape, data }: Tensor): Tensor {
  const [length, count, width] = shape;
  const turned = Float32Array.from(data, (_, i) => {
    const [b, t, c] = [Math.floor(i / (length * width)), Math.floor(i / width) % length, i % width];
    return data[(t * count + b) * width + c];
  });
  return { shape: [count, length, width], data: turned };
}

/** Part d along the first axis. */
export function slice({ shape, data }: Tensor, d: number): Tensor {
  const size = sizeOf(shape.slice(1));
  return { shape: shape.slice(1), data: data.slice(d * size, (d + 1) * size) };
}
