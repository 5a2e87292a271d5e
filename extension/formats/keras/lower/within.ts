import { innerLayer, innerLayers, type LayerConfig } from '../config.ts';

/** Under which keys a layer of these classes has others. */
const keys: ReadonlyMap<string, readonly string[]> = new Map([
  ['Bidirectional', ['layer', 'backward_layer']],
  ['TimeDistributed', ['layer']],
  ['RNN', ['cell']],
]);

/** The layers and cells that a layer wraps. */
export function layersWithin({ className, config }: LayerConfig): LayerConfig[] {
  const wrapped = (keys.get(className) ?? []).flatMap((key) => innerLayer(config, key) ?? []);
  return className === 'StackedRNNCells' ? innerLayers(config, 'cells') : wrapped;
}
