import type { Parameter } from '../../model/parameter.ts';
import { gatesOf } from '../../model/recurrentLayer.ts';
import type { Cell } from '../../protocol/report.ts';
import { UserError } from '../../protocol/userError.ts';
import { checkTrained } from '../checkTrained.ts';
import { LibraryFile } from '../hdf5/libraryFile.ts';
import { attentionWeights } from './attentionWeights.ts';
import type { KerasVersion, LayerConfig } from './config.ts';
import { type CudnnMatrix, fromCudnn, isCudnn, toCudnn } from './cudnn.ts';
import { type Leaf, leavesOf } from './leaves.ts';
import type { WeightPaths } from './legacyWeights.ts';
import { cellOf } from './recurrent.ts';
import { weightPenalty } from './regularizers.ts';
import type { WeightArrays } from './weightArrays.ts';

/** A Keras parameter knows its array by its path, so that saving can edit it in place. */
export interface KerasParameter extends Parameter {
  readonly dataset: string;
  /** The file has the values in cuDNN's order. */
  readonly cudnn?: CudnnMatrix;
}

export interface LeafParameters {
  readonly leaf: Leaf;
  /** In the order of the layer's own list of weights. */
  readonly parameters: readonly KerasParameter[];
  readonly roles: readonly string[];
  /** The layer stands at several places; the parameters are those of the first. */
  readonly repeated: boolean;
}

/** The parameters of every layer that has some, in the order of the model. Reads shapes, no values. */
export function parametersOf(
  model: LayerConfig,
  paths: WeightPaths,
  arrays: WeightArrays,
  shownAs: string,
  version: KerasVersion,
): LeafParameters[] {
  const known = new Map<string, KerasParameter>();
  const whole = model.config.trainable !== false;
  return leavesOf(model, () => new Map()).map((leaf) => {
    const listed = paths.get(leaf.path) ?? [];
    if (cellOf(leaf) && listed.length === 0) {
      throw new UserError('noWeightsForLayer', { file: shownAs, layer: leaf.path });
    }
    // A layer may count, such as the samples that a Normalization has seen; a recurrent one has nothing but weights.
    const datasets = listed.filter((path) => cellOf(leaf) !== undefined || arrays.holdsWeights(path));
    const roles = rolesOf(leaf, datasets, version);
    const trainable = whole && leaf.trainable;
    const repeated = datasets.length > 0 && datasets.every((path) => known.has(path));
    const parameters = datasets.map((path, i) => {
      const own =
        known.get(path) ?? parameter({ leaf, dataset: path, role: roles[i], trainable }, arrays, shownAs);
      known.set(path, own);
      return own;
    });
    return { leaf, parameters, roles, repeated };
  });
}

interface Place {
  readonly leaf: Leaf;
  readonly dataset: string;
  readonly role: string;
  readonly trainable: boolean;
}

function parameter(
  { leaf, dataset, role, trainable }: Place,
  arrays: WeightArrays,
  shownAs: string,
): KerasParameter {
  const info = arrays.dataset(dataset);
  if (!info) {
    throw new UserError(
      'fileDamaged',
      { file: shownAs },
      { code: 'reasonNoDataset', args: { path: dataset } },
    );
  }
  const penalty = trainable ? weightPenalty(leaf, role) : undefined;
  const described = {
    ...info,
    name: `${leaf.path}/${role}`,
    trainable,
    dataset,
    ...(penalty && { penalty }),
  };
  return kerasParameter(described, arrays, {
    ...(isCudnn(leaf.className) && { cudnnGates: gatesOf[cellOf(leaf) as Cell].length }),
  });
}

/**
 * A parameter over an array of a file.
 * @param cudnnGates of a layer of this many gates whose matrices the file has in cuDNN's order
 */
export function kerasParameter(
  described: Omit<KerasParameter, 'read' | 'cudnn'>,
  arrays: Pick<WeightArrays, 'read' | 'partOf'>,
  { cudnnGates: gates }: { readonly cudnnGates?: number } = {},
): KerasParameter {
  const { dataset, shape } = described;
  if (gates === undefined || shape.length !== 2)
    return { ...described, read: async () => arrays.read(dataset), ...arrays.partOf?.(dataset) };
  const cudnn = { shape, gates };
  return { ...described, cudnn, read: async () => fromCudnn(await arrays.read(dataset), cudnn) };
}

/** Puts trained weights, and 0 for masked ones, into an HDF5 file that has the original's layout, one parameter at a time. */
export async function writeWeights(
  path: string,
  parameters: readonly KerasParameter[],
  shownAs: string,
  step?: () => Promise<void>,
): Promise<void> {
  const file = await LibraryFile.open(path, 'a', shownAs);
  try {
    for (const parameter of parameters) {
      await step?.();
      const { dataset, mask, trained: values, cudnn } = parameter;
      await checkTrained(parameter, shownAs);
      const stored = <T extends Float32Array | Uint8Array>(own: T) => (cudnn ? toCudnn(own, cudnn) : own);
      if (mask || values)
        file.edit(dataset, {
          ...(values && { values: stored(values) }),
          ...(mask && { mask: stored(mask) }),
        });
    }
  } finally {
    file.close();
  }
}

/** What the arrays of a layer are, whose options change nothing but how many there are. */
const layerRoles: ReadonlyMap<string, readonly string[]> = new Map([
  ['Dense', ['kernel', 'bias']],
  ['Embedding', ['embeddings']],
  ['Conv1D', ['kernel', 'bias']],
  ['Convolution1D', ['kernel', 'bias']],
  ['Conv2D', ['kernel', 'bias']],
  ['Conv1DTranspose', ['kernel', 'bias']],
  ['DepthwiseConv1D', ['kernel', 'bias']],
  ['DepthwiseConv2D', ['kernel', 'bias']],
  ['SeparableConv1D', ['depthwise_kernel', 'pointwise_kernel', 'bias']],
  ['SeparableConv2D', ['depthwise_kernel', 'pointwise_kernel', 'bias']],
  ['PReLU', ['alpha']],
  ['Normalization', ['mean', 'variance']],
]);
const normalizations = new Set(['BatchNormalization', 'LayerNormalization', 'GroupNormalization']);

/** A kernel and perhaps a bias of each dense layer inside. */
function attentionRoles({ use_bias: bias, use_gate: gate }: Leaf['config']): string[] {
  const layers = ['query', 'key', ...(gate === true ? ['gate'] : []), 'value', 'attention_output'];
  return layers.flatMap((layer) => [`${layer}/kernel`, ...(bias === false ? [] : [`${layer}/bias`])]);
}

/** What each of a layer's arrays is, by Keras' own names; what an option adds that is not known carries its own name in the file. */
function rolesOf(leaf: Leaf, datasets: readonly string[], version: KerasVersion): string[] {
  const own = ownNames(datasets);
  const known = knownRoles(leaf, datasets.length, version);
  // What an option adds may stand before the others where arrays have names, and behind them where they are numbered.
  const named = own.length > known.length && own.some((name) => known.includes(name));
  return named ? own : [...known, ...own.slice(known.length)];
}

/**
 * What the file itself calls arrays. Keras 1 names one `lstm_1_W_i`; others carry their own name last, which is that of several in a layer
 * of its author's own: those have as much of their paths as tells them apart.
 */
function ownNames(datasets: readonly string[]): string[] {
  const paths = datasets.map((path) => path.replace(/:\d+$/, '').split('/'));
  const last = paths.map((path) => path.at(-1) ?? '');
  if (new Set(last).size === last.length) return last;
  const common = paths[0].findIndex((segment, i) => paths.some((path) => path[i] !== segment));
  return paths.map((path) => path.slice(common).join('/'));
}

function knownRoles(leaf: Leaf, count: number, { major }: KerasVersion): readonly string[] {
  const { className, config } = leaf;
  if (cellOf(leaf) && count <= 3) return ['kernel', 'recurrent_kernel', 'bias'];
  const known = layerRoles.get(className);
  if (known) return known;
  if (className === 'Attention' || className === 'AdditiveAttention') return attentionWeights(leaf);
  if (className === 'MultiHeadAttention') return attentionRoles(config);
  if (normalizations.has(className)) {
    const scale = major === 1 || config.scale !== false ? ['gamma'] : [];
    const center = major === 1 || config.center !== false ? ['beta'] : [];
    const moving = className === 'BatchNormalization' ? ['moving_mean', 'moving_variance'] : [];
    return [...scale, ...center, ...moving];
  }
  return [];
}
