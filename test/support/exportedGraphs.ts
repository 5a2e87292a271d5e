import type { GraphNode } from '../../extension/model/graph.ts';
import { sizeOf } from '../../extension/model/parameter.ts';
import { bothDirections, regression } from './branchingGraphs.ts';
import { Sketch, type TrainingCase } from './trainingGraphs.ts';

const [steps, width] = [7, 4];

/** Graphs of the nodes that models of other tools bring with them: attention by products, weights that stand alone, pieces of values. */
export function exportedCases(): TrainingCase[] {
  return [heads(), elements(), pieces(), ...(['Max', 'Min', 'Sum', 'Mean'] as const).map(reduced)];
}

/** Attention with two heads, written out in products. */
function heads(): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  const origin = 'attention';
  const head = (value: string): GraphNode[] => [
    { op: 'Reshape', shape: [-1, 2, width / 2], inputs: [value], outputs: [`${value} parts`], origin },
    {
      op: 'Transpose',
      permutation: [0, 2, 1, 3],
      inputs: [`${value} parts`],
      outputs: [`${value} heads`],
      origin,
    },
  ];
  sketch.nodes.push(
    ...head('forward'),
    ...head('backward'),
    { op: 'Transpose', permutation: [0, 1, 3, 2], inputs: ['backward heads'], outputs: ['keys'], origin },
    { op: 'Product', inputs: ['forward heads', 'keys'], outputs: ['scores'], origin },
    { op: 'Softmax', axis: -1, inputs: ['scores'], outputs: ['shares'], origin },
    { op: 'Product', inputs: ['shares', 'backward heads'], outputs: ['seen'], origin },
    { op: 'Transpose', permutation: [0, 2, 1, 3], inputs: ['seen'], outputs: ['apart'], origin },
    { op: 'Reshape', shape: [-1, width], inputs: ['apart'], outputs: ['attended'], origin },
  );
  return regression(sketch, 'attention in products', 'attended', [steps]);
}

/** Weights that are multiplied, divided by, raised to and added value by value. */
function elements(): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  const origin = 'elements';
  const weight = (name: string, shape: number[]): GraphNode => {
    const parameter = sketch.parameter(name, shape.slice(1));
    const [rows, columns] = shape.length === 2 || shape[1] === 1 ? [1, sizeOf(shape)] : shape.slice(1);
    const view = { parameter, rows, columns, offset: 0, rowStride: columns, columnStride: 1 };
    return { op: 'Weight', view, shape, inputs: [], outputs: [name], origin: name };
  };
  // Values of their own in one place, a bias in another: one weight, with the gradients of both.
  const start = sketch.parameter('start', [width]);
  const view = { parameter: start, rows: 1, columns: width, offset: 0, rowStride: width, columnStride: 1 };
  const kernel = sketch.parameter('kernel', [width, width]);
  const floor = { shape: [1, 1, 1], data: Float32Array.of(1.5) };
  sketch.nodes.push(
    weight('positions', [1, steps, width]),
    weight('factors', [1, 1, width]),
    { op: 'Weight', view, shape: [1, width], inputs: [], outputs: ['start'], origin: 'start' },
    { op: 'Constant', value: floor, inputs: [], outputs: ['floor'], origin },
    { op: 'Add', inputs: ['forward', 'positions'], outputs: ['placed'], origin },
    { op: 'Mul', inputs: ['placed', 'factors'], outputs: ['scaled'], origin },
    { op: 'Expand', axis: 0, likeAxis: 0, inputs: ['start', 'x'], outputs: ['initial'], origin },
    {
      op: 'Activation',
      activation: { op: 'Abs' },
      inputs: ['backward'],
      outputs: ['positive'],
      origin,
    },
    { op: 'Add', inputs: ['positive', 'floor'], outputs: ['above'], origin },
    { op: 'Div', inputs: ['scaled', 'above'], outputs: ['divided'], origin },
    { op: 'Pow', inputs: ['above', 'divided'], outputs: ['raised'], origin },
    { op: 'MatMul', weight: kernel, bias: start, inputs: ['raised'], outputs: ['dense'], origin },
  );
  sketch.recurrent('RNN', [width, width], { inputs: ['dense', 'initial'], outputs: ['all', 'last'] });
  return regression(sketch, 'weights of elements', 'last', []);
}

/** One step, some steps and every other step, and a state beside each of them. */
function pieces(): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  const origin = 'pieces';
  sketch.nodes.push(
    { op: 'Select', axis: 1, index: -2, inputs: ['forward'], outputs: ['one'], origin },
    { op: 'Slice', axis: 1, begin: -4, end: -1, inputs: ['backward'], outputs: ['some'], origin },
    { op: 'Slice', axis: 1, begin: 1, step: 2, inputs: ['forward'], outputs: ['every'], origin },
    { op: 'Reshape', shape: [1, width], inputs: ['one'], outputs: ['row'], origin },
    { op: 'Expand', axis: 1, likeAxis: 1, inputs: ['row', 'some'], outputs: ['spread'], origin },
    { op: 'Softmax', axis: 1, inputs: ['every'], outputs: ['shares'], origin },
    { op: 'LogSoftmax', axis: 1, inputs: ['some'], outputs: ['logs'], origin },
    { op: 'Add', inputs: ['some', 'shares', 'spread', 'logs'], outputs: ['together'], origin },
  );
  return regression(sketch, 'pieces of a sequence', 'together', [3]);
}

function reduced(by: 'Sum' | 'Mean' | 'Max' | 'Min'): TrainingCase {
  const sketch = new Sketch();
  bothDirections(sketch);
  const origin = 'reduction';
  sketch.nodes.push(
    { op: 'Reduce', by, axes: [1], keepAxes: true, inputs: ['forward'], outputs: ['steps'], origin },
    { op: 'Reduce', by, axes: [1, 2], inputs: ['backward'], outputs: ['all'], origin },
    { op: 'Reshape', shape: [1, 1], inputs: ['all'], outputs: ['square'], origin },
    { op: 'Mul', inputs: ['steps', 'square'], outputs: ['both'], origin },
  );
  return regression(sketch, `${by} over axes`, 'both', [1]);
}
