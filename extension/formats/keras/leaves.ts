import {
  innerLayer,
  type LayerConfig,
  type Network,
  networkClasses,
  networkOf,
  type Settings,
} from './config.ts';

/** A layer that holds weights itself, found behind wrappers and nested models. */
export interface Leaf {
  /** Names from the top, `/` between them; unique in the model. A Bidirectional adds `/forward` and `/backward`. */
  readonly path: string;
  readonly className: string;
  readonly config: Settings;
  /** Names that the layer's arrays carry in their own names, the innermost last. */
  readonly names: readonly string[];
  readonly trainable: boolean;
  /** Where a `.keras` archive keeps the arrays, below the top group. */
  readonly group: string;
  readonly direction: 'forward' | 'backward';
}

/** Layers that keep their weights in a cell. */
const cellClasses = new Set(['LSTM', 'GRU', 'SimpleRNN', 'ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D']);

/** Resolves the name of a layer's group among the groups of its container. */
export type GroupNames = (container: string, layers: readonly LayerConfig[]) => ReadonlyMap<string, string>;

/** Every layer with weights of its own, in the order of the file. */
export function leavesOf(model: LayerConfig, groupNames: GroupNames): Leaf[] {
  return ofNetwork(networkOf(model), '', '', true, groupNames);
}

function ofNetwork(
  network: Network,
  path: string,
  group: string,
  trainable: boolean,
  names: GroupNames,
): Leaf[] {
  const container = join(group, 'layers');
  const groups = names(container, network.layers);
  return network.layers.flatMap((layer) =>
    ofLayer(
      layer,
      join(path, layer.name),
      join(container, groups.get(layer.name) ?? layer.name),
      trainable,
      names,
    ),
  );
}

function ofLayer(
  layer: LayerConfig,
  path: string,
  group: string,
  trainable: boolean,
  names: GroupNames,
): Leaf[] {
  const own = trainable && layer.config.trainable !== false;
  if (layer.operation) return [];
  if (networkClasses.has(layer.className)) return ofNetwork(networkOf(layer), path, group, own, names);
  const inner = innerLayer(layer.config);
  if (layer.className === 'Bidirectional' && inner) {
    const back = innerLayer(layer.config, 'backward_layer');
    return [
      leaf(
        inner,
        join(path, 'forward'),
        join(group, 'forward_layer'),
        own,
        ['forward', layer.name],
        'forward',
      ),
      leaf(
        back ?? inner,
        join(path, 'backward'),
        join(group, 'backward_layer'),
        own,
        ['backward', layer.name],
        'backward',
      ),
    ];
  }
  // TimeDistributed and wrappers like it: one inner layer, which may itself be wrapped.
  if (inner) return ofLayer({ ...inner, name: layer.name }, path, join(group, 'layer'), own, names);
  const direction = layer.config.go_backwards === true ? 'backward' : 'forward';
  return [leaf(layer, path, group, own, [layer.name], direction)];
}

function leaf(
  { className, config, name }: LayerConfig,
  path: string,
  group: string,
  trainable: boolean,
  names: readonly string[],
  direction: Leaf['direction'],
): Leaf {
  return {
    path,
    className,
    config,
    names: [...names, name],
    trainable: trainable && config.trainable !== false,
    group: cellClasses.has(className) ? join(group, 'cell') : group,
    direction,
  };
}

/** Names from the top, `/` between them. */
export function join(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}
