import { placeOf } from './parameters.ts';
import type { ScriptFacts } from './scriptModel.ts';
import type { ScriptProgram } from './scriptProgram.ts';
import type { Computed } from './scriptResult.ts';
import { computedBy } from './scriptRun.ts';
import type { AxisName } from './scriptValues.ts';
import { identityOf, tensorOf } from './tensor.ts';
import type { TorchFile } from './torchFile.ts';
import type { Walk } from './walk.ts';
import type { ChosenTree } from './weights.ts';

/** Constants that are read to be counted with. */
const mostIntegers = 1000;

/**
 * What the code of a TorchScript archive computes.
 * @param className of the model
 */
export function computedByCode(program: ScriptProgram, className: string, facts: ScriptFacts): Computed {
  const hook = program.hookOf(className);
  if (hook !== undefined) return { beyond: hook };
  const run = (...axes: AxisName[]) => computedBy(program, className, facts, axes);
  if (program.holds('torch.embedding(')) return run('a0', 'a1');
  const found = run('a0', 'a1', 'a2');
  if ('layers' in found) return found;
  // Convolutions take the features before the steps.
  const turned = run('a0', 'a2', 'a1');
  if ('layers' in turned) return { ...turned, isFeaturesFirst: true };
  // Sequences of one feature a step may come without an axis for it.
  const narrow = run('a0', 'a1');
  return 'layers' in narrow ? narrow : found;
}

/** The weights of modules, by the names that code has for them. */
export function moduleWeights({
  tensors,
  modules,
}: Pick<ChosenTree, 'tensors' | 'modules'>): Omit<ScriptFacts, 'integers'> {
  const shapes = new Map(tensors.map(({ name, tensor }) => [name, tensor.shape]));
  /** Names of wrappers are taken off from all weights, if from one. */
  const known = (name: string): string => {
    const inner = name.replace(/^(?:module|_orig_mod)\./, '');
    return shapes.has(name) || inner === name ? name : known(inner);
  };
  const pathOf = (name: string) => name.slice(0, Math.max(0, name.lastIndexOf('.')));
  const identities = new Map(tensors.map(({ name, tensor }) => [name, identityOf(tensor)]));
  const tied = Map.groupBy(identities.keys(), (name) => identities.get(name));
  const weights = [...identities.keys()].filter((name) => !name.endsWith('num_batches_tracked'));
  const ofModules = Map.groupBy(weights, pathOf);
  /** The modules that have a weight, the one that the code takes it from first. */
  const ownersOf = (name: string) =>
    [known(name), ...(tied.get(identities.get(known(name))) ?? [])].map(pathOf);
  /** Whether these are all weights of a module, in the order in which its class lists them, as its operator does. */
  const areAllOf = (path: string, names: readonly string[]) => {
    const own = ofModules.get(path) ?? [];
    const areOwn = names.every((name, i) => identities.get(known(name)) === identities.get(own[i] ?? ''));
    return own.length === names.length && areOwn;
  };
  return {
    layerOf: ({ className, weights }) => {
      const isRecurrent = /^(?:LSTM|GRU|RNN)/.test(className);
      const names = [...weights.values()];
      return ownersOf(names[0]).find(
        (path) => (isRecurrent || modules.get(path)?.facts.className === className) && areAllOf(path, names),
      );
    },
    shapeOf: (name) => shapes.get(known(name)),
    weightsOf: (path) => ofModules.get(pathOf(known(`${path}.`))) ?? [],
    optionOf: (path, name) => modules.get(pathOf(known(`${path}.`)))?.facts.options.get(name),
  };
}

/** The constants that are whole numbers of no axes, by what code calls them: tracing computes lengths with those. Throws fileDamaged. */
export async function integersIn(torch: TorchFile, walk: Walk): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const { root, storage } = (await torch.script?.constants()) ?? {};
  for (const [i, value] of (walk.items(root) ?? []).entries()) {
    const tensor = tensorOf(value);
    const isInteger = tensor?.shape.length === 0 && tensor.type.name === 'torch.int64';
    if (!tensor || !storage || !isInteger || found.size > mostIntegers) continue;
    const bytes = await torch.file.read(await placeOf({ path: torch.path, storage }, tensor), 8);
    found.set(`CONSTANTS.c${i}`, Number(bytes.readBigInt64LE()));
  }
  return found;
}
