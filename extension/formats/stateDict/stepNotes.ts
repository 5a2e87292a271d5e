import type { Message } from '../../protocol/messages.ts';
import { type DescribedLayer, type DescribedModule, layerText } from '../../protocol/modelDescription.ts';
import { whole } from '../../protocol/valueChecks.ts';
import type { Modules } from './modules.ts';

/**
 * What else code often does with steps than was taken for granted, and how to say it: joining the final states of both directions, and
 * leaving padding out.
 */
export function stepNotes(layers: readonly DescribedLayer[], modules: Modules, file: string): Message[] {
  return [...noteLastOfBoth(layers, modules, file), ...notePadding(layers, modules, file)];
}

function noteLastOfBoth(layers: readonly DescribedLayer[], { recurrent }: Modules, file: string): Message[] {
  const before = layers[layers.indexOf('last') - 1];
  const module = isModule(before) ? recurrent.find(({ path }) => path === before.name) : undefined;
  return module?.layers[0][1] ? [{ code: 'noteLastOfBoth', args: { module: module.path, file } }] : [];
}

function notePadding([first]: readonly DescribedLayer[], { facts }: Modules, file: string): Message[] {
  if (!isModule(first) || first.kind !== 'embedding') return [];
  const known = facts.get(first.name)?.options.get('padding_idx');
  const padding = whole(0).allows(known) ? Number(known) : undefined;
  const layer = layerText({ ...first, padding: padding ?? 0 });
  return padding === undefined
    ? [{ code: 'noteEveryStep', args: { layer, file } }]
    : [{ code: 'notePaddingCounts', args: { padding, module: first.name, layer, file } }];
}

function isModule(layer: DescribedLayer | undefined): layer is DescribedModule {
  return typeof layer === 'object' && 'kind' in layer;
}
