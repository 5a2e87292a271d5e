import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import { type LayerConfig, networkOf } from './config.ts';
import { leavesOf } from './leaves.ts';
import { cellOf } from './recurrent.ts';

/** A model may have hundreds of layers; a message names the first ones. */
const namedLayers = 8;

/** The recurrent layers that a configuration describes. Throws noRecurrentLayers, naming what is there instead. */
export function probeConfig(config: LayerConfig, format: string, file: string): ProbeResult {
  const recurrentLayers = leavesOf(config, () => new Map())
    .filter(cellOf)
    .map(({ path }) => path);
  if (recurrentLayers.length === 0) {
    const names = networkOf(config).layers.map(({ name, className }) => `${name} (${className})`);
    throw new UserError('noRecurrentLayers', { file, layers: firstNames(names) });
  }
  return { format, recurrentLayers };
}

/** The first of a model's layers, for a message. */
export function firstNames(names: readonly string[]): string {
  const more = names.length > namedLayers ? ', …' : '';
  return names.slice(0, namedLayers).join(', ') + more;
}
