import type { AttentionNode, GraphNode, MergeNode } from '../../extension/model/graph.ts';
import type { Loss } from '../../extension/model/loss.ts';
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
  ];
}

/** Both directions of a masked sequence. */
function bothDirections(sketch: Sketch): void {
  const node = { inputs: ['x'], mask: 'mask', zeroMaskedOutput: true };
  sketch.recurrent('LSTM', [3, width], { ...node, outputs: ['forward', 'lastForward'] });
  sketch.recurrent('GRU', [3, width], { ...node, outputs: ['backward', 'lastBackward'], reverse: true });
}

/** A dense layer over a value, and what it should be. */
function regression(sketch: Sketch, name: string, value: string, leading: number[]): TrainingCase {
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

function attended(score: AttentionNode['score']): TrainingCase {
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
  });
  return regression(sketch, `${score} attention`, 'attended', [steps]);
}
