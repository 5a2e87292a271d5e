import { keptShape, type Shrinking } from '../../model/shrinking.ts';
import type { Message } from '../../protocol/messages.ts';
import type { Modules } from './modules.ts';

/** PyTorch's names of what stands along the axes of a module's weight. */
const axisNames = {
  embedding: ['num_embeddings', 'embedding_dim'],
  linear: ['out_features', 'in_features'],
  batchNorm: ['num_features'],
  layerNorm: ['normalized_shape'],
} as const;

/** A state dict goes into a model that code builds, so the sizes that changed must be changed there too: which, by module. */
export function sizesInCode({ recurrent, plain }: Modules, { parameters }: Shrinking): Message[] {
  const changes: string[] = [];
  const change = (path: string, size: string, before: number, after: number) => {
    if (before !== after) changes.push(`${path === '' ? '' : `${path}: `}${size} ${before} → ${after}`);
  };
  for (const { path, layers } of recurrent) {
    const [[{ gates, projection, inputSize }]] = layers;
    const [{ kernel, recurrent: own }] = gates;
    const keptOf = (name: string, axis: number) => parameters.get(name)?.[axis]?.length;
    const inputs = keptOf(kernel.parameter.name, 1);
    change(path, 'input_size', inputSize, inputs ?? inputSize);
    const outputs = own.columns;
    const after = keptOf(own.parameter.name, 1) ?? outputs;
    if (!projection) change(path, 'hidden_size', outputs, after);
    else {
      const hidden = projection.columns;
      change(path, 'hidden_size', hidden, keptOf(projection.parameter.name, 1) ?? hidden);
      change(path, 'proj_size', outputs, after);
    }
  }
  for (const { path, kinds, parameters: own } of plain) {
    const weight = own.get('weight') ?? own.get('running_mean');
    const [kind] = kinds;
    const kept = weight && parameters.get(weight.name);
    if (!weight || !kept || !kind) continue;
    const shape = keptShape(weight.shape, kept);
    for (const [axis, size] of axisNames[kind].entries()) change(path, size, weight.shape[axis], shape[axis]);
  }
  return changes.length === 0 ? [] : [{ code: 'noteSizesInCode', args: { sizes: changes } }];
}
