import type { GraphInput, GraphNode } from '../../extension/model/graph.ts';
import type { ConvNode, PoolNode, RowWindow } from '../../extension/model/windowNodes.ts';
import { inferShapes } from '../../extension/ops/infer.ts';
import type { ConversionCase } from './conversionGraphs.ts';
import { Sketch } from './trainingGraphs.ts';

const [steps, width, hidden] = [7, 3, 4];

/**
 * Graphs whose windows are padded by as many steps as PyTorch and ONNX say; `apart`: not as Keras' "same" pads. Keras has no layer for
 * such a padding of each step.
 */
export function windowCases(): (ConversionCase & { readonly apart: boolean })[] {
  const cases: [name: string, apart: boolean, node: Window, kernel?: number, outer?: number][] = [
    ['a convolution padded by as much on both sides', false, { op: 'Conv', padding: [1, 1] }],
    ['a convolution of two steps padded behind', false, { op: 'Conv', padding: [0, 1] }, 2],
    ['a convolution of steps apart, padded', false, { op: 'Conv', padding: [2, 2], dilation: 2 }],
    ['a convolution padded unevenly', true, { op: 'Conv', padding: [2, 1] }],
    ['a convolution of stride two, padded', true, { op: 'Conv', padding: [1, 1], stride: 2 }],
    ['a convolution within each step, padded unevenly', true, { op: 'Conv', padding: [0, 2] }, 3, 4],
    ['the largest of padded windows', false, { op: 'MaxPool', size: 3, stride: 1, padding: [1, 1] }],
    ['the mean of padded windows', false, { op: 'AveragePool', size: 3, stride: 1, padding: [1, 1] }],
    ['a mean that counts the padding', true, { op: 'AveragePool', padding: [1, 1], countPadding: true }],
    ['a convolution of images', false, { op: 'Conv', rows: rows({ size: 2 }) }, 6, 4],
    [
      'a convolution of images padded evenly',
      false,
      { op: 'Conv', padding: [1, 1], rows: rows({ padding: [1, 1] }) },
      9,
      4,
    ],
    [
      'a convolution of images padded unevenly',
      false,
      { op: 'Conv', padding: [0, 2], stride: 2, rows: rows({ padding: [1, 0] }) },
      9,
      4,
    ],
    [
      'a convolution of images padded by strides',
      false,
      { op: 'Conv', padding: 'same', rows: rows({ padding: 'same', stride: 2 }) },
      6,
      4,
    ],
    [
      'a convolution of places apart',
      false,
      { op: 'Conv', dilation: 3, rows: rows({ size: 2, dilation: 2 }) },
      4,
      4,
    ],
    [
      'the largest of images behind a relu, padded',
      false,
      {
        op: 'MaxPool',
        size: 2,
        stride: 1,
        padding: [0, 1],
        rows: rows({ size: 2, stride: 2, padding: [1, 0] }),
      },
      0,
      4,
    ],
    [
      'the mean of images, padded',
      false,
      { op: 'AveragePool', padding: [1, 1], countPadding: true, rows: rows({ padding: [0, 2] }) },
      0,
      4,
    ],
  ];
  return cases.map(([name, apart, node, kernel = 3, outer]) => ({
    name,
    apart,
    ...windowCase(node, kernel, outer),
  }));
}

type Window = Partial<Omit<ConvNode, 'op'> & Omit<PoolNode, 'op'>> & Pick<ConvNode | PoolNode, 'op'>;

/** A window over three rows of images. */
function rows(own: Partial<RowWindow>): RowWindow {
  return { size: 3, stride: 1, padding: [0, 0], dilation: 1, ...own };
}

/** @param outer steps of which each has steps of its own */
function windowCase(node: Window, kernel: number, outer?: number): Omit<ConversionCase, 'name'> {
  const sketch = new Sketch();
  const isBehindRelu = node.op === 'MaxPool' && node.rows;
  if (isBehindRelu) {
    const relu = { op: 'Activation', activation: { op: 'Relu' } } as const;
    sketch.nodes.push({ ...relu, inputs: ['x'], outputs: ['positive'], origin: 'relu' });
  }
  const links = { inputs: [isBehindRelu ? 'positive' : 'x'], outputs: ['windows'], origin: 'windows' };
  if (node.op === 'Conv') {
    const parameter = sketch.parameter('kernel', [kernel, width, width]);
    const taps = Array.from({ length: kernel }, (_, tap) => {
      const place = { offset: tap * width * width, rowStride: 1, columnStride: width };
      return { parameter, rows: width, columns: width, ...place };
    });
    const bias = sketch.parameter('bias', [width]);
    const usual = { groups: 1, stride: 1, dilation: 1, spread: 1, padding: [0, 0] };
    sketch.nodes.push({ ...links, ...usual, taps, bias, ...node } as GraphNode);
  } else sketch.nodes.push({ ...links, size: 3, stride: 2, padding: [0, 0], ...node } as GraphNode);
  if (outer)
    sketch.nodes.push({ op: 'Flatten', axis: 2, inputs: ['windows'], outputs: ['flat'], origin: 'flat' });
  const entering = outer ? 'flat' : 'windows';
  const shape = outer ? [null, outer, steps, width] : [null, null, width];
  const input: GraphInput = { name: 'x', shape, dtype: 'float32' };
  const shapes = inferShapes({ inputs: [input], nodes: sketch.nodes, outputs: [] });
  sketch.recurrent('LSTM', [shapes.get(entering)?.at(-1) ?? 0, hidden], {
    inputs: [entering],
    outputs: ['all', 'last'],
  });
  sketch.dense('last', 'out', [hidden, 2]);
  return {
    graph: {
      inputs: [input],
      nodes: sketch.nodes,
      outputs: [{ name: 'out' }],
    },
    inputs: [outer ? sketch.floats(5, outer, steps, width) : sketch.floats(5, steps, width)],
  };
}
