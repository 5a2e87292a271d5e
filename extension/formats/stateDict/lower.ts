import type { Activation, Graph } from '../../model/graph.ts';
import {
  type DescribedLayer,
  type DescribedModule,
  type DescribedWord,
  describedKinds,
  stepsWords,
} from '../../protocol/modelDescription.ts';
import { UserError } from '../../protocol/userError.ts';
import { GraphBuilder } from './graphBuilder.ts';
import { lowerRecurrent } from './lowerRecurrent.ts';
import { lowerConvolution, lowerPick, lowerPooling } from './lowerWindows.ts';
import type { Modules } from './modules.ts';

/** PyTorch's own, of nn.BatchNorm1d and nn.LayerNorm. */
const defaultEpsilon = 1e-5;

const activations: Readonly<Partial<Record<DescribedWord, Activation>>> = {
  relu: { op: 'Relu' },
  tanh: { op: 'Tanh' },
  sigmoid: { op: 'Sigmoid' },
  gelu: { op: 'Gelu' },
  elu: { op: 'Elu', alpha: 1 },
  selu: { op: 'Selu' },
  silu: { op: 'Swish' },
  leakyRelu: { op: 'LeakyRelu', alpha: 0.01 },
  softplus: { op: 'Softplus' },
};

/**
 * The graph of layers that follow each other. Data is batch first: [B,T] token ids where the first layer is an embedding, else
 * [B,T,features]. Throws `UserError` reasonNoModule where a name stands for no module of its kind, and others where a layer cannot stand
 * where it does.
 */
export function lowerDescription(layers: readonly DescribedLayer[], modules: Modules): Graph {
  const builder = new GraphBuilder(layers.every((layer) => layer === 'all' || !sumsUp(layer)));
  for (const [i, layer] of layers.entries()) {
    const place = `layers[${i}]`;
    if (typeof layer !== 'string' && 'kind' in layer) {
      addModule(layer, place, modules, builder);
      continue;
    }
    if (!builder.isBegun) throw new UserError('reasonLayerFirst', { layer: place });
    if (typeof layer === 'string') addWord(layer, place, builder);
    else if ('dropout' in layer) builder.through('dropout', { op: 'Dropout', rate: layer.dropout });
    else if ('maxPool' in layer || 'averagePool' in layer) lowerPooling(layer, place, builder);
    else if ('step' in layer || 'from' in layer) lowerPick(layer, place, builder);
    else {
      const activation = { op: 'LeakyRelu', alpha: layer.leakyRelu } as const;
      builder.through('leakyRelu', { op: 'Activation', activation });
    }
  }
  return builder.graph();
}

function sumsUp(layer: DescribedLayer): boolean {
  return stepsWords.some((word) => word === layer) || (typeof layer === 'object' && 'step' in layer);
}

function addWord(word: DescribedWord, place: string, builder: GraphBuilder): void {
  const activation = activations[word];
  if (activation) builder.through(word, { op: 'Activation', activation });
  else if (word === 'softmax') builder.through(word, { op: 'Softmax', axis: -1 });
  else if (word === 'logSoftmax') builder.through(word, { op: 'LogSoftmax', axis: -1 });
  else addSteps(word, place, builder);
}

/** What becomes of the steps of a sequence. */
function addSteps(word: DescribedWord, place: string, builder: GraphBuilder): void {
  const { value, isSequence, ends } = builder.flow;
  if (!isSequence) throw new UserError('reasonNoSteps', { layer: place });
  const summed = (name: string) => builder.goOn({ value: name, isSequence: false });
  const { mask } = builder;
  if (word === 'mean' || word === 'max') {
    const op = word === 'mean' ? 'ReduceMean' : 'ReduceMax';
    summed(builder.node(word, [value], { op, ...(mask !== undefined && { mask }) }));
  } else if (word === 'final') {
    if (!ends) throw new UserError('reasonNoState', { layer: place });
    summed(ends.length === 1 ? ends[0] : builder.node(word, ends, { op: 'Concat', axis: -1 }));
  } else if (word === 'last') {
    if (mask !== undefined) throw new UserError('reasonLastPadding', { layer: place });
    // Of one direction the last output; the backward one has seen but one step there.
    const select = () => builder.node(word, [value], { op: 'Select', axis: 1, index: -1 });
    summed(ends?.length === 1 ? ends[0] : select());
  }
}

function addModule(layer: DescribedModule, place: string, modules: Modules, builder: GraphBuilder): void {
  const { kind, name, epsilon = defaultEpsilon } = layer;
  // That of a convolution lies about its windows.
  const padding = layer.padding === 'same' || kind === 'conv1d' ? undefined : layer.padding;
  if (padding !== undefined && builder.isBegun)
    throw new UserError('reasonPaddingFirst', { layer: `${place}.padding` });
  if (kind === 'lstm' || kind === 'gru' || kind === 'rnn') {
    const module = modules.recurrent.find(({ path, cell }) => path === name && cell === kind.toUpperCase());
    if (!module) throw noModule(layer, place, modules);
    builder.begin({ width: module.layers[0][0].inputSize }, padding);
    if (!builder.flow.isSequence) throw new UserError('reasonNoSteps', { layer: place });
    lowerRecurrent(module, layer, builder);
    return;
  }
  const module = modules.plain.find(({ path, kinds }) => path === name && kinds.includes(kind));
  const weight = module?.parameters.get('weight');
  const bias = module?.parameters.get('bias');
  if (kind === 'embedding') {
    if (!weight) throw noModule(layer, place, modules);
    if (builder.isBegun) throw new UserError('reasonNoTokens', { layer: place });
    builder.begin({ vocabulary: weight.shape[0] }, padding);
    builder.through(name, { op: 'Gather', table: weight });
  } else if (kind === 'conv1d') {
    if (!weight) throw noModule(layer, place, modules);
    lowerConvolution(layer, place, { weight, bias }, builder);
  } else if (kind === 'linear') {
    if (!weight) throw noModule(layer, place, modules);
    builder.begin({ width: weight.shape[1] }, padding);
    builder.through(name, { op: 'MatMul', weight, transposed: true, ...(bias && { bias }) });
  } else {
    const affine = { ...(weight && { gamma: weight }), ...(bias && { beta: bias }) };
    const [mean, variance] = ['running_mean', 'running_var'].map((role) => module?.parameters.get(role));
    const width = (weight ?? mean)?.shape[0];
    if (width === undefined) throw noModule(layer, place, modules);
    builder.begin({ width }, padding);
    if (kind === 'layerNorm')
      builder.through(name, { op: 'LayerNormalization', axis: -1, epsilon, ...affine });
    else if (mean && variance)
      builder.through(name, { op: 'BatchNormalization', axis: -1, epsilon, mean, variance, ...affine });
  }
}

function noModule({ kind, name }: DescribedModule, place: string, modules: Modules): UserError {
  const names = describedKinds.flatMap((known) => namesOf(known, modules).map((own) => `${known} ${own}`));
  return new UserError('reasonNoModule', { layer: `${place}.${kind}`, name, kind, names });
}

/** Names of the modules of a kind. */
function namesOf(kind: DescribedModule['kind'], { recurrent, plain }: Modules): string[] {
  const cells = recurrent.filter(({ cell }) => cell.toLowerCase() === kind);
  const others = plain.filter(({ kinds }) => kinds.some((own) => own === kind));
  return [...cells, ...others].map(({ path }) => path);
}
