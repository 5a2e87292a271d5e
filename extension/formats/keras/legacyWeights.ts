import type { Hdf5File } from '../hdf5/file.ts';
import { attentionWeights } from './attentionWeights.ts';
import type { LayerConfig } from './config.ts';
import { networkOf } from './config.ts';
import { type Leaf, leavesOf } from './leaves.ts';

/** Paths of each leaf's datasets in the order in which the layer lists its weights, by the leaf's path. */
export type WeightPaths = ReadonlyMap<string, readonly string[]>;

const noGroups = () => new Map<string, string>();

/**
 * Finds the arrays of every layer in a legacy `.h5` file: `layer_names` lists the top layers' groups, `weight_names`
 * each one's datasets in order. What lies behind a wrapper or in a nested model is told apart by name, else by count.
 */
export function legacyWeights(file: Hdf5File, root: string, model: LayerConfig): WeightPaths {
  const groups = new Set(file.texts(root, 'layer_names') ?? file.keys(root));
  const leaves = leavesOf(model, noGroups);
  const paths = new Map<string, readonly string[]>();
  for (const layer of networkOf(model).layers) {
    if (!groups.has(layer.name)) continue;
    const group = `${root}/${layer.name}`;
    const names = file.texts(group, 'weight_names') ?? [];
    const members = leaves.filter(({ path }) => path === layer.name || path.startsWith(`${layer.name}/`));
    for (const [leaf, owned] of distribute(names, members)) {
      paths.set(
        leaf.path,
        owned.map((name) => `${group}/${name}`),
      );
    }
  }
  return paths;
}

/** Gives each array of a top layer to one of its leaves. */
function distribute(names: readonly string[], leaves: readonly Leaf[]): Map<Leaf, string[]> {
  if (leaves.length === 1) return new Map([[leaves[0], [...names]]]);
  return byName(names, leaves) ?? byCount(names, leaves);
}

/** Keras writes a layer's own name into its arrays' names: `bi/forward_lstm/lstm_cell/kernel`. */
function byName(names: readonly string[], leaves: readonly Leaf[]): Map<Leaf, string[]> | undefined {
  const owned = new Map<Leaf, string[]>();
  for (const name of names) {
    const matches = leaves.filter((leaf) => isNamedAfter(name, leaf));
    if (matches.length !== 1) return undefined;
    owned.set(matches[0], [...(owned.get(matches[0]) ?? []), name]);
  }
  return owned;
}

/** What Keras 1 puts behind a layer's name to name an array: `forward_lstm_1_W_i`, `dense_1_b:0`. */
const keras1Role = /_(?:[WUb](?:_[a-z])?|gamma|beta|running_(?:mean|std)|alphas)(?::\d+)?$/;

/** Whether an array carries the name of a leaf in its own, such as `bi/forward_lstm/lstm_cell/kernel`. */
export function isNamedAfter(name: string, leaf: Leaf): boolean {
  const segments = name.split('/');
  const last = segments.at(-1) ?? '';
  return [...segments, last.replace(keras1Role, '')].some((segment) => belongs(segment, leaf));
}

function belongs(segment: string, { names, direction, path }: Leaf): boolean {
  const own = names[names.length - 1];
  const wrapped = path.endsWith(`/${direction}`) && names[0] === direction;
  return wrapped
    ? segment === own
      ? own.startsWith(direction)
      : segment === `${direction}_${own}`
    : segment === own;
}

/** A model's weights are the trainable ones of all its layers, then the others (Keras 2 and 3). */
function byCount(names: readonly string[], leaves: readonly Leaf[]): Map<Leaf, string[]> {
  const owned = new Map<Leaf, string[]>(leaves.map((leaf) => [leaf, []]));
  let next = 0;
  const take = (leaf: Leaf, count: number) => {
    owned.get(leaf)?.push(...names.slice(next, next + count));
    next += count;
  };
  for (const leaf of leaves) if (leaf.trainable) take(leaf, weightCount(leaf).trainable);
  for (const leaf of leaves) {
    const { trainable, frozen } = weightCount(leaf);
    take(leaf, leaf.trainable ? frozen : trainable + frozen);
  }
  return owned;
}

/** How many arrays a layer has by its class and configuration. */
function weightCount({ className, config }: Leaf): { trainable: number; frozen: number } {
  const bias = config.use_bias === false || config.bias === false ? 0 : 1;
  switch (className) {
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
    case 'ConvLSTM1D':
    case 'ConvLSTM2D':
    case 'ConvLSTM3D':
      return { trainable: 2 + bias, frozen: 0 };
    case 'CuDNNLSTM':
    case 'CuDNNGRU':
      return { trainable: 3, frozen: 0 };
    case 'Dense':
      return { trainable: 1 + bias, frozen: 0 };
    case 'Embedding':
    case 'PReLU':
      return { trainable: 1, frozen: 0 };
    case 'Attention':
    case 'AdditiveAttention':
      return { trainable: attentionWeights({ className, config }).length, frozen: 0 };
    case 'Conv1D':
    case 'Convolution1D':
    case 'Conv2D':
    case 'Conv1DTranspose':
    case 'DepthwiseConv1D':
    case 'DepthwiseConv2D':
      return { trainable: 1 + bias, frozen: 0 };
    case 'SeparableConv1D':
    case 'SeparableConv2D':
      return { trainable: 2 + bias, frozen: 0 };
    case 'MultiHeadAttention':
      return { trainable: (config.use_gate === true ? 5 : 4) * (1 + bias), frozen: 0 };
    case 'Normalization':
      return { trainable: 0, frozen: 3 };
    case 'LayerNormalization':
    case 'GroupNormalization':
    case 'BatchNormalization':
      return {
        trainable: (config.scale === false ? 0 : 1) + (config.center === false ? 0 : 1),
        frozen: className === 'BatchNormalization' ? 2 : 0,
      };
    default:
      return { trainable: 0, frozen: 0 };
  }
}
