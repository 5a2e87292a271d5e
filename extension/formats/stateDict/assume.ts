import type { DescribedLayer, DescribedWord } from '../../protocol/modelDescription.ts';
import { activatedAt } from './guessed.ts';
import { isRecurrent, type Link } from './links.ts';
import { between, freeActivation, moduleFacts, outputLayers } from './moduleFacts.ts';
import type { Modules } from './modules.ts';

/**
 * The layers of a chain of modules with what a file of weights does not say, as most models have it: what follows the recurrent layers
 * reads the last step, or every step where the outputs are the embedding's vocabulary again (a language model); linear layers have a ReLU
 * between them; the last one puts out logits. What a whole pickled module tells takes the place of that.
 */
export function assumedLayers(chain: readonly Link[], modules: Modules): DescribedLayer[] {
  const lastRecurrent = chain.findLastIndex(isRecurrent);
  const usual = freeActivation(modules) ?? 'relu';
  const activated = activatedAt(chain, modules);
  return [
    ...chain.flatMap((link, i): DescribedLayer[] => {
      const told = i === 0 ? undefined : between(chain[i - 1].name, link.name, modules);
      const steps = i === lastRecurrent + 1 && i > 0 ? stepsBehind(chain, lastRecurrent) : [];
      return [
        ...steps,
        ...(activated.has(i) ? [usual] : []),
        ...(told?.layers ?? []),
        { kind: link.kind, name: link.name, ...moduleFacts(link, modules) },
      ];
    }),
    ...outputLayers(chain, modules),
  ];
}

function stepsBehind(chain: readonly Link[], lastRecurrent: number): DescribedWord[] {
  const vocabulary = chain[0].vocabulary;
  if (vocabulary !== undefined && chain.at(-1)?.to === vocabulary) return ['all'];
  const { length } = chain.slice(lastRecurrent + 1);
  return length > 0 ? ['last'] : [];
}
