import { innerLayer, innerLayers, type LayerConfig } from './config.ts';

/** Cells that can be written out, by the layer that computes the same at every step. */
const classes = new Map([
  ['LSTMCell', 'LSTM'],
  ['GRUCell', 'GRU'],
  ['SimpleRNNCell', 'SimpleRNN'],
]);

/** What an RNN goes through at every step, each cell as Keras' own layer of its kind, by the cell's name. */
export interface CellLayers {
  readonly layers: readonly LayerConfig[];
  /** They are those of StackedRNNCells, each of which reads the one before. */
  readonly stacked: boolean;
}

/** Undefined of what is no RNN, and of an RNN with a cell of another kind or several of one name. */
export function cellLayers({ className, config }: LayerConfig): CellLayers | undefined {
  const cell = className === 'RNN' ? innerLayer(config, 'cell') : undefined;
  if (!cell) return undefined;
  const stacked = cell.className === 'StackedRNNCells';
  const cells = stacked ? innerLayers(cell.config, 'cells') : [cell];
  const layers = cells.flatMap((one): LayerConfig[] => {
    const type = classes.get(one.className);
    const trainable = cell.config.trainable !== false && one.config.trainable !== false;
    return type ? [{ ...one, className: type, config: { ...one.config, trainable } }] : [];
  });
  const names = new Set(layers.map(({ name }) => name));
  return layers.length > 0 && names.size === cells.length ? { layers, stacked } : undefined;
}

/** The class of the cell or cells that an RNN has. */
export function cellClass({ config }: LayerConfig): string {
  const cell = innerLayer(config, 'cell');
  const cells = cell?.className === 'StackedRNNCells' ? innerLayers(cell.config, 'cells') : [];
  const odd = cells.find((one) => !classes.has(one.className));
  return odd?.className ?? cell?.className ?? 'null';
}
