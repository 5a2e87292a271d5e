import type { LayerConfig } from '../keras/config.ts';
import { type Leaf, leavesOf } from '../keras/leaves.ts';
import { isNamedAfter, type WeightPaths } from '../keras/legacyWeights.ts';

/** Keras' order of a layer's own weights, which the manifest need not keep. */
const order = [
  'kernel',
  'depthwise_kernel',
  'pointwise_kernel',
  'recurrent_kernel',
  'bias',
  'embeddings',
  'gamma',
  'beta',
  'moving_mean',
  'moving_variance',
];

/**
 * Finds the tensors of every layer by their names, as TensorFlow.js does: `lstm_LSTM1/kernel`,
 * `bidirectional_1/forward_lstm/kernel`, and of TensorFlow 2 `lstm/lstm_cell/kernel`.
 */
export function weightPaths(model: LayerConfig, names: readonly string[]): WeightPaths {
  const leaves = leavesOf(model, () => new Map());
  const owned = new Map<Leaf, string[]>(leaves.map((leaf) => [leaf, []]));
  for (const name of names) {
    const owners = leaves.filter((leaf) => isNamedAfter(name, leaf) || isNamedAfterPlace(name, leaf, leaves));
    // A layer inside another may be named like a third one, which then stands higher.
    const [owner] = owners.length > 1 ? owners.filter((leaf) => startsWith(name, leaf)) : owners;
    if (owner) owned.get(owner)?.push(name);
  }
  return new Map([...owned].map(([{ path }, own]) => [path, own.toSorted((a, b) => rank(a) - rank(b))]));
}

/** TensorFlow.js names the cells of a stack by their numbers: `rnn_RNN1/RNNCell_0/kernel`. */
function isNamedAfterPlace(name: string, { path, names }: Leaf, leaves: readonly Leaf[]): boolean {
  const [, layer, number] = /([^/]+)\/RNNCell_(\d+)\//.exec(name) ?? [];
  if (layer === undefined || layer !== names.at(-2)) return false;
  const stack = leaves.filter((other) => parentOf(other.path) === parentOf(path));
  return stack[Number(number)]?.path === path;
}

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

function startsWith(name: string, { path }: Leaf): boolean {
  return path.split('/')[0] === name.split('/')[0];
}

function rank(name: string): number {
  const place = order.indexOf(name.split('/').at(-1) ?? '');
  return place === -1 ? order.length : place;
}
