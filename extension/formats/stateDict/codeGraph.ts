import { basename } from 'node:path';
import type { Graph } from '../../model/graph.ts';
import type { Message } from '../../protocol/messages.ts';
import type { DescribedLayer } from '../../protocol/modelDescription.ts';
import { lowerDescription } from './lower.ts';
import type { Modules } from './modules.ts';

/**
 * The graph that a file's own code computes, with what is otherwise about its data, or why there is none.
 * @param model its file
 * @param file in which the user may list the layers
 */
export function codeGraph(
  modules: Modules,
  computed: NonNullable<Modules['computed']>,
  model: string,
  file: string,
): { readonly graph: Graph; readonly described: readonly DescribedLayer[] } | Message {
  if ('beyond' in computed) return reasonBeyond(computed.beyond, file);
  const { layers, stepsFirst, isFeaturesFirst, axes } = computed;
  const args = { model: basename(model) };
  const assumptions: Message[] = [
    ...(stepsFirst ? [{ code: 'noteStepsFirst', args } as const] : []),
    ...(isFeaturesFirst ? [{ code: 'noteFeaturesFirst', args } as const] : []),
    ...(axes
      ? [
          {
            code: 'noteOutputAxes',
            args: { ...args, axes: listOf(axes.code), own: listOf(axes.own) },
          } as const,
        ]
      : []),
  ];
  return { graph: { ...lowerDescription(layers, modules), assumptions }, described: layers };
}

function listOf(axes: readonly string[]): string {
  return `[${axes.join(', ')}]`;
}

/** Words of Python name no module and no operator. */
function reasonBeyond(name: string, file: string): Message {
  switch (name) {
    case 'pack_padded_sequence':
      return { code: 'reasonPacked', args: { file } };
    case 'if':
      return { code: 'reasonCodeIf', args: { file } };
    case 'for':
    case 'while':
      return { code: 'reasonCodeLoop', args: { word: name, file } };
    case 'return':
      return { code: 'reasonCodeReturn', args: { file } };
    case 'raise':
      return { code: 'reasonCodeRaise', args: { file } };
    case '…':
      return { code: 'reasonCodeLong', args: { file } };
    default:
      return { code: 'reasonInCode', args: { name, file } };
  }
}
