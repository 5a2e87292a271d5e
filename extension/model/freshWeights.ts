import { scatter } from './gateView.ts';
import type { Graph, GraphNode } from './graph.ts';
import { glorot, orthonormalRows, uniform } from './initializers.ts';
import { type Parameter, sizeOf } from './parameter.ts';
import { Random } from './random.ts';
import { auxiliarySize, type RecurrentLayer } from './recurrentLayer.ts';
import type { ConvNode } from './windowNodes.ts';

/** Keras' embeddings begin within ±0.05. */
const embeddingLimit = 0.05;

/**
 * Weights as Keras' defaults draw them for layers that nobody has trained, whatever initializers a file may name: Glorot uniform kernels,
 * orthonormal recurrent kernels over all gates, biases and peepholes 0 but 1 for an LSTM's forget gate, embeddings uniform within ±0.05;
 * normalisations that leave what they get (gamma and variance 1, beta and mean 0). The same seed draws the same, in whatever layout the
 * file has. Parameters that the graph does not use are not among them, nor what a layer was adapted to before it was trained.
 * @param step called between layers; throws to stop
 */
export async function freshWeights(
  { nodes }: Pick<Graph, 'nodes'>,
  seed: number,
  step?: () => Promise<void>,
): Promise<Map<Parameter, Float32Array>> {
  const drawn = new Map<Parameter, Float32Array>();
  const random = new Random(seed);
  const layers = new Set<RecurrentLayer>();
  for (const node of nodes) {
    await step?.();
    if ('layer' in node) {
      if (!layers.has(node.layer)) drawLayer(node.layer, random, drawn);
      layers.add(node.layer);
    } else
      for (const [parameter, draw] of parametersOf(node))
        if (!drawn.has(parameter)) drawn.set(parameter, draw(parameter.shape, random));
  }
  return drawn;
}

type Draw = (shape: readonly number[], random: Random) => Float32Array;

const zeros: Draw = (shape) => new Float32Array(sizeOf(shape));
const ones: Draw = (shape) => new Float32Array(sizeOf(shape)).fill(1);
const table: Draw = (shape, random) => uniform(sizeOf(shape), embeddingLimit, random);
/** A vector counts as one with as many inputs as outputs. */
const kernel: Draw = (shape, random) =>
  shape.length === 1
    ? uniform(shape[0], Math.sqrt(3 / shape[0]), random)
    : uniform(sizeOf(shape), fanLimit(shape), random);

/** Glorot & Bengio's √(6 / (in + out)); of more axes the first ones count as a window over both, as Keras has it. */
function fanLimit(shape: readonly number[]): number {
  const [inputs, outputs] = shape.slice(-2);
  return Math.sqrt(6 / (sizeOf(shape.slice(0, -2)) * (inputs + outputs)));
}

/** As many inputs and outputs as a window has; where they lie does not matter, as all are drawn alike. */
const convKernel =
  ({ taps }: ConvNode): Draw =>
  (shape, random) =>
    uniform(sizeOf(shape), Math.sqrt(6 / (taps.length * (taps[0].rows + taps[0].columns))), random);

/** What of a node but a recurrent one can be trained, or is a statistic. */
function parametersOf(node: GraphNode): [Parameter, Draw][] {
  switch (node.op) {
    case 'MatMul':
      return given([node.weight, kernel], [node.bias, zeros]);
    case 'Gather':
      return given([node.table, table]);
    case 'Attention':
      return given([node.scale, node.score === 'additive' ? kernel : ones], [node.weight, ones]);
    case 'BatchNormalization':
      return [
        // The statistics of data are known before a training.
        ...(node.adapted ? [] : given([node.mean, zeros], [node.variance, ones])),
        ...given([node.gamma, ones], [node.beta, zeros]),
      ];
    case 'Conv':
      return given([node.taps[0].parameter, convKernel(node)], [node.bias, zeros]);
    case 'PRelu':
      return given([node.slope, zeros]);
    case 'LayerNormalization':
    case 'GroupNormalization':
      return given([node.gamma, ones], [node.beta, zeros]);
    default:
      return [];
  }
}

function given(...all: [Parameter | undefined, Draw][]): [Parameter, Draw][] {
  return all.filter((one): one is [Parameter, Draw] => one[0] !== undefined && !one[0].inNoArray);
}

/** The gates' matrices are drawn together, [in, gates · H] as Keras keeps them, and put where the file has them. */
function drawLayer(layer: RecurrentLayer, random: Random, drawn: Map<Parameter, Float32Array>): void {
  const { gates, inputSize, hiddenSize, projection, projectionBias } = layer;
  const width = gates.length * hiddenSize;
  const valuesOf = (parameter: Parameter) => {
    const values = drawn.get(parameter) ?? new Float32Array(sizeOf(parameter.shape));
    drawn.set(parameter, values);
    return values;
  };
  const kernels = glorot(inputSize, width, random);
  const columns = auxiliarySize(layer);
  const second = columns > 0 ? glorot(columns, width, random) : undefined;
  const recurrents = orthonormalRows(gates[0].recurrent.columns, width, random);
  for (const [
    g,
    { name, kernel, recurrent, auxiliary, biases, peephole, normalization },
  ] of gates.entries()) {
    if (normalization)
      scatter(normalization, new Float32Array(hiddenSize).fill(1), valuesOf(normalization.parameter));
    for (const [view, matrix] of [
      [kernel, kernels],
      [recurrent, recurrents],
      [auxiliary, second],
    ] as const)
      if (view && matrix)
        scatter(view, gateOf(matrix, g * hiddenSize, view.rows, width), valuesOf(view.parameter));
    for (const [i, view] of biases.entries())
      scatter(
        view,
        new Float32Array(view.rows).fill(name === 'f' && i === 0 ? 1 : 0),
        valuesOf(view.parameter),
      );
    if (peephole) scatter(peephole, new Float32Array(hiddenSize), valuesOf(peephole.parameter));
  }
  if (projection) {
    const { rows, columns, parameter } = projection;
    scatter(projection, glorot(columns, rows, random), valuesOf(parameter));
    if (projectionBias) scatter(projectionBias, new Float32Array(rows), valuesOf(projectionBias.parameter));
  }
}

/** `rows` columns of a matrix [in, width] from one on, as a gate's own [rows, in]. */
function gateOf(matrix: Float32Array, from: number, rows: number, width: number): Float32Array {
  const inputs = matrix.length / width;
  return Float32Array.from(
    { length: rows * inputs },
    (_, i) => matrix[(i % inputs) * width + from + Math.floor(i / inputs)],
  );
}
