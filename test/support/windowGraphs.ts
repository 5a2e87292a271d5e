import type { GraphNode } from '../../extension/model/graph.ts';
import type { ConvNode, PoolNode } from '../../extension/model/windowNodes.ts';
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
  ];
  return cases.map(([name, apart, node, kernel = 3, outer]) => ({
    name,
    apart,
    ...windowCase(node, kernel, outer),
  }));
}

type Window = Partial<Omit<ConvNode, 'op'> & Omit<PoolNode, 'op'>> & Pick<ConvNode | PoolNode, 'op'>;

/** @param outer steps of which each has steps of its own */
function windowCase(node: Window, kernel: number, outer?: number): Omit<ConversionCase, 'name'> {
  const sketch = new Sketch();
  const links = { inputs: ['x'], outputs: ['windows'], origin: 'windows' };
  if (node.op === 'Conv') {
    const parameter = sketch.parameter('kernel', [kernel, width, width]);
    const taps = Array.from({ length: kernel }, (_, tap) => {
      const place = { offset: tap * width * width, rowStride: 1, columnStride: width };
      return { parameter, rows: width, columns: width, ...place };
    });
    const bias = sketch.parameter('bias', [width]);
    const usual = { groups: 1, stride: 1, dilation: 1, spread: 1 };
    sketch.nodes.push({ ...links, ...usual, taps, bias, ...node } as GraphNode);
  } else sketch.nodes.push({ ...links, size: 3, stride: 2, ...node } as GraphNode);
  if (outer)
    sketch.nodes.push({ op: 'Flatten', axis: 2, inputs: ['windows'], outputs: ['flat'], origin: 'flat' });
  const [entering, size] = outer ? ['flat', steps * width] : ['windows', width];
  sketch.recurrent('LSTM', [size, hidden], { inputs: [entering], outputs: ['all', 'last'] });
  sketch.dense('last', 'out', [hidden, 2]);
  return {
    graph: {
      inputs: [
        { name: 'x', shape: outer ? [null, outer, steps, width] : [null, null, width], dtype: 'float32' },
      ],
      nodes: sketch.nodes,
      outputs: [{ name: 'out' }],
    },
    inputs: [outer ? sketch.floats(5, outer, steps, width) : sketch.floats(5, steps, width)],
  };
}
