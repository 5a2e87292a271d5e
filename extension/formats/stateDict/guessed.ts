import type { Message } from '../../protocol/messages.ts';
import { type DescribedLayer, layerText } from '../../protocol/modelDescription.ts';
import { isRecurrent, type Link } from './links.ts';
import { between, isActive } from './moduleFacts.ts';
import type { Modules } from './modules.ts';

/**
 * The modules of a chain in front of which an activation is taken for granted: between two linear ones, where none is known, behind the
 * norms that stand there (Linear, BatchNorm, ReLU, Linear), or where the numbers of a Sequential leave a place. By their places.
 */
export function activatedAt(chain: readonly Link[], modules: Modules): ReadonlySet<number> {
  const places = new Set<number>();
  for (const [to, { kind }] of chain.entries()) {
    const from = chain.slice(0, to).findLastIndex((link) => link.kind === 'linear' || isRecurrent(link));
    if (kind !== 'linear' || chain[from]?.kind !== 'linear') continue;
    const steps = chain.slice(from + 1, to + 1).map((link, i) => {
      const at = from + 1 + i;
      return { at, ...between(chain[at - 1].name, link.name, modules) };
    });
    const open = steps.findLast(({ isAll }) => !isAll);
    if (open && !steps.some(({ layers }) => layers.some(isActive))) places.add(open.at);
  }
  return places;
}

/** That an activation between linear layers with a norm between them is a guess, which the file can correct. */
export function noteGuessed(
  chain: readonly Link[],
  layers: readonly DescribedLayer[],
  modules: Modules,
  file: string,
): Message[] {
  const isNorm = (at: number) => chain[at]?.kind.endsWith('Norm') === true;
  return [...activatedAt(chain, modules)].flatMap((at): Message[] => {
    if (!isNorm(at) && !isNorm(at - 1)) return [];
    const { name } = chain[at];
    const place = layers.findIndex(
      (layer) => typeof layer === 'object' && 'kind' in layer && layer.name === name,
    );
    const activation = layers.slice(0, place).findLast(isActive);
    return activation === undefined
      ? []
      : [
          {
            code: 'noteActivationGuessed',
            args: { activation: layerText(activation), before: layerText(layers[place]), file },
          },
        ];
  });
}
