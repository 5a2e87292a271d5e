import type { GraphNode } from '../../model/graph.ts';
import { impossible, impossibleNode, option } from './activationName.ts';
import type { Dialect, KerasLayer, KerasTensor } from './description.ts';
import { operationLayer } from './operations.ts';

type PickNode = Extract<GraphNode, { op: 'Select' | 'Slice' }>;

/**
 * What takes one place of an axis, or some that follow each other: the operation by which Keras 3 keeps `x[:, -1]`. TensorFlow.js has none,
 * but can crop, so it takes one step of as many as are known. Throws conversionImpossible.
 * @param turned the sequence stands the last step first
 * @param fresh gives a name that no layer has
 */
export function pickLayers(
  node: PickNode,
  input: KerasTensor,
  turned: boolean,
  dialect: Dialect,
  fresh: (wanted: string) => string,
): readonly KerasLayer[] {
  if ('likeAxis' in node) throw impossibleNode(node, dialect);
  if (dialect === 'keras') {
    const name = fresh(node.origin);
    return [operationLayer('GetItem', name, [input], { constants: [indexOf(node, turned)] })];
  }
  const [batch, steps, width] = input.shape;
  const isStep = node.op === 'Select' && node.axis === 1 && input.shape.length === 3;
  if (!isStep) throw impossibleNode(node, dialect);
  if (typeof steps !== 'number' || typeof width !== 'number')
    throw impossible(node.origin, option('optionStepOfFree'), dialect);
  const from = node.index < 0 ? node.index + steps : node.index;
  const before = turned ? steps - 1 - from : from;
  const layer = (className: string, config: object, from: KerasTensor): KerasLayer => {
    const name = fresh(node.origin);
    const all = { name, trainable: true, dtype: 'float32', ...config };
    return { className, name, config: all, inputs: [from], weights: [] };
  };
  const image = layer('Reshape', { target_shape: [steps, width, 1] }, input);
  const cropped = layer(
    'Cropping2D',
    {
      cropping: [
        [before, steps - 1 - before],
        [0, 0],
      ],
      data_format: 'channels_last',
    },
    outputOf(image, [batch, steps, width, 1]),
  );
  const row = layer('Reshape', { target_shape: [width] }, outputOf(cropped, [batch, 1, width, 1]));
  return [image, cropped, row];
}

/** The steps of a sequence [B,T,…] turned round, as Keras 3 keeps `x[:, ::-1]`. */
export function reverseLayer(input: KerasTensor, name: string): KerasLayer {
  return operationLayer('GetItem', name, [input], { constants: [[slice(), slice(null, null, -1)]] });
}

function outputOf({ name }: KerasLayer, shape: KerasTensor['shape']): KerasTensor {
  return { layer: name, output: 0, shape, dtype: 'float32' };
}

/** What stands in the brackets, as Keras 3 keeps it. */
function indexOf(node: PickNode, turned: boolean): readonly unknown[] {
  const before = Array.from({ length: node.axis }, () => slice());
  if (node.op === 'Select') return [...before, turned ? -1 - node.index : node.index];
  return [...before, slice(node.begin, node.end ?? null, node.step ?? null)];
}

function slice(start: number | null = null, stop: number | null = null, step: number | null = null): object {
  return { class_name: '__slice__', config: { start, stop, step } };
}
