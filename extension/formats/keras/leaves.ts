import { cellLayers } from './cells.ts';
import {
  innerLayer,
  innerLayers,
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
    const back = innerLayer(layer.config, 'backward_layer') ?? inner;
    return (['forward', 'backward'] as const).flatMap((direction) =>
      recurrentLeaves(
        direction === 'forward' ? inner : back,
        {
          path: join(path, direction),
          group: join(group, `${direction}_layer`),
          trainable: own,
          names: [direction, layer.name],
          direction,
        },
        names,
      ),
    );
  }
  // TimeDistributed and wrappers like it: one inner layer, which may itself be wrapped.
  if (inner) return ofLayer({ ...inner, name: layer.name }, path, join(group, 'layer'), own, names);
  const direction = layer.config.go_backwards === true ? 'backward' : 'forward';
  return recurrentLeaves(layer, { path, group, trainable: own, names: [layer.name], direction }, names);
}

type Place = Omit<Leaf, 'className' | 'config'>;

/** A layer, or those that an RNN amounts to: the cells of a stack lie in a list of their own. */
function recurrentLeaves(layer: LayerConfig, place: Place, names: GroupNames): Leaf[] {
  const cells = cellLayers(layer);
  if (!cells) return [leaf(layer, place)];
  const trainable = place.trainable && layer.config.trainable !== false;
  if (!cells.stacked) return [leaf({ ...cells.layers[0], name: layer.name }, { ...place, trainable })];
  const container = join(place.group, 'cell/cells');
  const groups = names(container, innerLayers(innerLayer(layer.config, 'cell')?.config ?? {}, 'cells'));
  return cells.layers.map(({ className, config, name }) => ({
    ...place,
    className,
    config,
    path: join(place.path, name),
    names: [...place.names, layer.name, name],
    trainable: trainable && config.trainable !== false,
    group: join(container, groups.get(name) ?? name),
  }));
}

function leaf({ className, config, name }: LayerConfig, place: Place): Leaf {
  return {
    ...place,
    className,
    config,
    names: [...place.names, name],
    trainable: place.trainable && config.trainable !== false,
    group: cellClasses.has(className) ? join(place.group, 'cell') : place.group,
  };
}

/** Names from the top, `/` between them. */
export function join(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}
