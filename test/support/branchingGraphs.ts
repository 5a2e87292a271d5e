import type { AttentionNode } from '../../extension/model/attentionNode.ts';
import type { GraphNode } from '../../extension/model/graph.ts';
import type { Loss } from '../../extension/model/loss.ts';
import type { MergeNode } from '../../extension/model/mergeNode.ts';
import type { ConvNode, PoolNode } from '../../extension/model/windowNodes.ts';
import { Sketch, type TrainingCase } from './trainingGraphs.ts';

const [batch, steps, width] = [5, 7, 4];
const squares: Loss = { name: 'mean_squared_error', head: 'linear', width: 2, fromLogits: false };

/** Graphs in which layers branch and meet, for the operators that `trainingCases` lack. */
export function branchingCases(): TrainingCase[] {
  return [
    merged('Add', false),
    merged('Sub', false),
    ...(['Mul', 'Mean', 'Max', 'Min'] as const).map((op) => merged(op, op !== 'Mean')),
    normalized(),
    pooled('ReduceMean'),
    pooled('ReduceMax'),
    repeated(),
    attended('dot'),
    attended('additive'),
    attended('dot', true),
    attendedByHeads(),
    attendedByHeads(true),
    convolved('a convolution', {}),
    convolved('a convolution in groups', { groups: 2, stride: 2, padding: 'same' }),
    convolved('a dilated convolution of past steps', { dilation: 2, padding: [4, 0] }),
    convolved('a transposed convolution', { spread: 3, padding: [2, 1] }),
    pooledWindows('MaxPool'),
    pooledWindows('AveragePool'),
    normalizedGroups(),
  ];
}

/** Both directions of a masked sequence. */
export function bothDirections(sketch: Sketch): void {
  const node = { inputs: ['x'], mask: 'mask', zeroMaskedOutput: true };
  sketch.recurrent('LSTM', [3, width], { ...node, outputs: ['forward', 'lastForward'] });
  sketch.recurrent('GRU', [3, width], { ...node, outputs: ['backward', 'lastBackward'], reverse: true });
}

/** A dense layer over a value, and what it should be. */
export function regression(sketch: Sketch, name: string, value: string, leading: number[]): TrainingCase {
  sketch.dense(value, 'y', [width, 2]);
  return sketch.case(name, 'y', squares, [
    ['x', sketch.floats(batch, steps, 3)],
    ['mask', sketch.mask()],
    ['targets', sketch.floats(batch, ...leading, 2)],
  ]);
}

/** Both directions, then their last outputs at every step. */
function merged(op: MergeNode['op'], masked: boolean): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  const base = { op, origin: 'merge' };
  sketch.nodes.push(
    {
      ...base,
      inputs: ['forward', 'backward'],
      outputs: ['both'],
      ...(masked && { masks: ['mask', undefined] }),
    },
    { ...base, inputs: ['both', 'lastBackward'], outputs: ['all'] },
  );
  return regression(sketch, `both directions, ${op}${masked ? ', masked' : ''}`, 'all', [steps]);
}

function normalized(): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  const node = { op: 'LayerNormalization', axis: -1, epsilon: 1e-2, origin: 'normalization' } as const;
  const [gamma, beta] = ['gamma', 'beta'].map((name) => sketch.parameter(name, [width]));
  sketch.nodes.push(
    { ...node, inputs: ['forward'], outputs: ['normal'], gamma, beta },
    { ...node, inputs: ['normal'], outputs: ['bare'] },
  );
  return regression(sketch, 'normalised rows', 'bare', [steps]);
}

function pooled(op: 'ReduceMean' | 'ReduceMax'): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  // Masked steps repeat the last output, so that several steps may hold the largest value.
  sketch.recurrent('RNN', [3, width], { inputs: ['x'], outputs: ['held', 'lastHeld'], mask: 'mask' });
  const nodes: GraphNode[] = [
    { op, inputs: ['forward'], outputs: ['real'], origin: 'pooling', mask: 'mask' },
    { op, inputs: ['backward'], outputs: ['every'], origin: 'pooling', keepAxis: true },
    { op, inputs: ['held'], outputs: ['repeated'], origin: 'pooling' },
    { op: 'Add', inputs: ['real', 'every', 'repeated'], outputs: ['both'], origin: 'add' },
  ];
  sketch.nodes.push(...nodes);
  return regression(sketch, `${op} over steps`, 'both', [1]);
}

/** The last output at each of four steps, which are turned into features. */
function repeated(): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  const nodes: GraphNode[] = [
    { op: 'RepeatVector', inputs: ['lastForward'], outputs: ['steps'], origin: 'repeat', count: width },
    { op: 'Transpose', inputs: ['steps'], outputs: ['turned'], origin: 'permute', permutation: [0, 2, 1] },
  ];
  sketch.nodes.push(...nodes);
  return regression(sketch, 'a repeated and turned vector', 'turned', [width]);
}

function attended(score: AttentionNode['score'], causal = false): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  // Without a bias, which would add the same to all scores of a query and have no gradient but rounding.
  const weight = sketch.parameter('key/kernel', [width, width]);
  sketch.nodes.push({ op: 'MatMul', inputs: ['backward'], outputs: ['key'], origin: 'key', weight });
  sketch.nodes.push({
    op: 'Attention',
    score,
    inputs: ['forward', 'backward', 'key'],
    outputs: ['attended'],
    origin: 'attention',
    scale: sketch.parameter('scale', score === 'dot' ? [] : [width]),
    masks: ['mask', 'mask'],
    causal,
  });
  return regression(sketch, `${causal ? 'causal ' : ''}${score} attention`, 'attended', [steps]);
}

/** Two heads whose masked queries look at everything, by dense layers that have an axis of heads. */
function attendedByHeads(causal = false): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  const project = (input: string, output: string, shape: number[], inputAxes: number) =>
    sketch.nodes.push({
      op: 'MatMul',
      inputs: [input],
      outputs: [output],
      origin: output,
      weight: sketch.parameter(`${output}/kernel`, shape),
      inputAxes,
    });
  project('forward', 'query', [width, 2, 3], 1);
  project('backward', 'key', [width, 2, 3], 1);
  project('backward', 'value', [width, 2, 2], 1);
  sketch.nodes.push({
    op: 'Attention',
    score: 'dot',
    inputs: ['query', 'value', 'key'],
    outputs: ['heads'],
    origin: 'attention',
    heads: 2,
    factor: 0.5,
    masks: ['mask', 'mask'],
    unseen: 'mean',
    causal,
  });
  project('heads', 'attended', [2, 2, width], 2);
  return regression(sketch, `${causal ? 'causal ' : ''}attention of two heads`, 'attended', [steps]);
}

/** A kernel of three steps over both directions' sum, read by a last layer. */
function convolved(name: string, options: Partial<ConvNode>): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  const groups = options.groups ?? 1;
  const parameter = sketch.parameter('conv/kernel', [3, width / groups, width]);
  const [, columns] = parameter.shape;
  const taps = [0, 1, 2].map((tap) => ({
    parameter,
    rows: width,
    columns,
    offset: tap * columns * width,
    rowStride: 1,
    columnStride: width,
  }));
  const node: ConvNode = {
    op: 'Conv',
    inputs: ['forward'],
    outputs: ['conv'],
    origin: 'conv',
    taps,
    bias: sketch.parameter('conv/bias', [width]),
    groups,
    stride: 1,
    dilation: 1,
    spread: 1,
    padding: [1, 0],
    ...options,
  };
  sketch.nodes.push(node);
  sketch.recurrent('RNN', [width, width], { inputs: ['conv'], outputs: ['read', 'lastRead'] });
  return regression(sketch, name, 'lastRead', []);
}

/** Windows beyond the end, over a sequence in which masked steps repeat the last output. */
function pooledWindows(op: PoolNode['op']): TrainingCase {
  const sketch = new Sketch();
  sketch.recurrent('RNN', [3, width], { inputs: ['x'], outputs: ['held', 'lastHeld'], mask: 'mask' });
  const nodes: GraphNode[] = [
    { op, inputs: ['held'], outputs: ['pooled'], origin: 'pooling', size: 2, stride: 2, padding: [0, 1] },
    { op: 'Upsample', inputs: ['pooled'], outputs: ['more'], origin: 'more', factor: 2 },
    { op: 'Pad', inputs: ['more'], outputs: ['fewer'], origin: 'fewer', before: 1, after: -2 },
  ];
  sketch.nodes.push(...nodes);
  return regression(sketch, `${op} over windows`, 'fewer', [steps]);
}

function normalizedGroups(): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  const [gamma, beta] = ['gamma', 'beta'].map((name) => sketch.parameter(name, [width]));
  const nodes: GraphNode[] = [
    {
      op: 'GroupNormalization',
      inputs: ['forward'],
      outputs: ['normal'],
      origin: 'normalization',
      groups: 2,
      axis: -1,
      epsilon: 1e-2,
      gamma,
      beta,
    },
    {
      op: 'PRelu',
      inputs: ['normal'],
      outputs: ['bent'],
      origin: 'prelu',
      slope: sketch.parameter('slope', [1, width]),
    },
    { op: 'LpNormalization', inputs: ['bent'], outputs: ['unit'], origin: 'unit', axis: -1, epsilon: 1e-12 },
  ];
  sketch.nodes.push(...nodes);
  return regression(sketch, 'normalised groups', 'unit', [steps]);
}
