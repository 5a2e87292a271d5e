import type { Graph, RecurrentNode } from '../../extension/model/graph.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import type { Cell } from '../../extension/protocol/report.ts';
import { branchingCases } from './branchingGraphs.ts';
import { exportedCases } from './exportedGraphs.ts';
import type { LayerOptions } from './memoryModel.ts';
import { pickedCases } from './pickedSteps.ts';
import { tfliteCellCases } from './tfliteCells.ts';
import { Sketch, type TrainingCase, trainingCases } from './trainingGraphs.ts';

/** A graph without a loss, and inputs for it. */
export interface ConversionCase {
  readonly name: string;
  readonly graph: Graph;
  readonly inputs: readonly Tensor[];
}

/** Every operator that is trained, and every variant of a recurrent cell. */
export function conversionCases(): ConversionCase[] {
  const trained = [...trainingCases(), ...branchingCases(), ...exportedCases(), ...tfliteCellCases()];
  const own = Object.entries(cells).flatMap(([name, variant]) => cellCases(name, variant));
  return [...trained.map(withoutLoss), ...own, ...pickedCases()];
}

function withoutLoss({ name, graph, inputs }: TrainingCase): ConversionCase {
  const nodes = graph.nodes.filter(({ op }) => op !== 'Loss');
  const read = new Set(nodes.flatMap((node) => [...node.inputs, ...masksOf(node)]));
  const kept = graph.inputs.map((input) => read.has(input.name));
  return {
    name,
    graph: { ...graph, nodes, inputs: graph.inputs.filter((_, i) => kept[i]) },
    inputs: inputs.filter((_, i) => kept[i]),
  };
}

function masksOf(node: Graph['nodes'][number]): string[] {
  const several = 'masks' in node ? (node.masks ?? []) : [];
  const one = 'mask' in node ? [node.mask] : [];
  return [...several, ...one].filter((mask) => mask !== undefined);
}

interface CellVariant {
  readonly cell?: Cell;
  readonly layer?: Partial<LayerOptions>;
  readonly node?: Partial<RecurrentNode>;
}

const cells: Record<string, CellVariant> = {
  'an LSTM with peepholes': { layer: { peepholes: true } },
  'an LSTM with a projection': { layer: { projection: 2, projectionBias: true } },
  'an LSTM with clips of its state and projection': {
    layer: { projection: 5 },
    node: { cellClip: 0.2, projectionClip: 0.3 },
  },
  'an LSTM with an activation of the cell state alone': { node: { outputActivation: { op: 'Relu' } } },
  'an LSTM with coupled gates': { layer: { peepholes: true }, node: { inputForget: true } },
  'an LSTM without an input gate': { layer: { coupled: true, peepholes: true } },
  'an LSTM whose sums are clipped': { node: { clip: 0.3 }, layer: { biases: 2 } },
  'an LSTM of activations with parameters': {
    node: {
      gateActivation: { op: 'HardSigmoid', alpha: 0.3, beta: 0.4 },
      activation: { op: 'ScaledTanh', alpha: 1.2, beta: 0.7 },
      outputActivation: { op: 'LeakyRelu', alpha: 0.1 },
    },
  },
  'an LSTM of activations that ONNX does not know in cells': {
    node: { activation: { op: 'Swish' }, outputActivation: { op: 'Softmax' } },
  },
  'a GRU whose sums are clipped': { cell: 'GRU', node: { clip: 0.3 } },
  'a GRU with the reset behind the product': {
    cell: 'GRU',
    layer: { biases: 2 },
    node: { linearBeforeReset: true, activation: { op: 'Gelu' } },
  },
  'a GRU with the reset before the product': { cell: 'GRU', node: { activation: { op: 'Mish' } } },
  'an RNN whose sums are clipped': { cell: 'RNN', layer: { biases: 0 }, node: { clip: 0.2 } },
};
const [steps, width, hidden] = [7, 3, 4];

/** A cell over whole sequences in both directions, and over masked ones; what it puts out of everything side by side. */
function cellCases(name: string, { cell = 'LSTM', layer = {}, node = {} }: CellVariant): ConversionCase[] {
  const variants: [string, Partial<RecurrentNode>, boolean][] = [
    [name, {}, false],
    [`${name}, backwards`, { reverse: true }, false],
    [`${name}, masked`, { mask: 'mask' }, false],
    [`${name}, masked with zeros`, { mask: 'mask', zeroMaskedOutput: true }, false],
    [`${name}, of lengths`, { mask: 'steps', zeroMaskedOutput: true }, true],
    [`${name}, of lengths, backwards`, { mask: 'steps', zeroMaskedOutput: true, reverse: true }, true],
  ];
  return variants.map(([title, more, lengths]) => {
    const sketch = new Sketch();
    if (lengths) {
      sketch.nodes.push({
        op: 'LengthMask',
        inputs: ['lengths', 'x'],
        outputs: ['steps'],
        origin: 'lengths',
      });
    }
    const outputs = ['sequence', 'last', 'h', ...(cell === 'LSTM' ? ['c'] : [])];
    sketch.recurrent(
      cell,
      [width, hidden],
      { inputs: ['x'], outputs, ...node, ...more },
      layer.biases,
      layer,
    );
    const x = sketch.floats(5, steps, width);
    const inputs: [string, Tensor][] = [['x', x]];
    if (lengths) inputs.push(['lengths', { shape: [5], data: Int32Array.of(7, 1, 4, 7, 2) }]);
    else if (more.mask) inputs.push(['mask', sketch.mask()]);
    const graph: Graph = {
      inputs: inputs.map(([input, { shape, data }]) => ({
        name: input,
        shape: [null, ...shape.slice(1)],
        dtype: data instanceof Int32Array ? 'int32' : 'float32',
      })),
      nodes: sketch.nodes,
      outputs: outputs.map((output) => ({ name: output })),
    };
    return { name: title, graph, inputs: inputs.map(([, tensor]) => tensor) };
  });
}
