import type { Model } from '../../model/model.ts';
import type { Parameter } from '../../model/parameter.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import { firstOf } from './firstOf.ts';
import { inferredGraph, type KnownDescription } from './inferredGraph.ts';
import { moduleSizes, sizeTexts } from './moduleSizes.ts';
import { type Modules, modulesOf } from './modules.ts';
import type { RecurrentModule } from './recurrentModules.ts';
import type { StateDict, TensorContainer } from './tensors.ts';

/**
 * The model that a state dict is: its recurrent modules, and a graph from the user's description or inferred. Throws `UserError`
 * noRecurrentLayers, noNamedLayers, weightShape, dtypeUnsupported, descriptionInvalid.
 * @param known beside what a description may stand, or the one that counts
 */
export async function stateDictModel(
  dict: StateDict,
  container: TensorContainer,
  known: KnownDescription,
): Promise<Model> {
  const {
    path,
    format,
    bytes,
    files,
    folder,
    hasOptimizerState,
    fileNotes,
    otherWeights,
    shrinksOptimizerState,
    masksOptimizerState,
  } = container;
  const modules = recurrentModulesOf(dict, path);
  const parameters = new Set(dict.tensors.flatMap(({ parameter }) => parameter ?? []));
  for (const one of modules.aside) parameters.delete(one);
  const checkRebuild: Model['checkRebuild'] = async (purpose, without = []) => {
    if (without.length > 0)
      throw new UserError('shrinkUnsupported', { file: path }, { code: 'reasonLayersInCode', args: {} });
    await container.checkRebuild(purpose, moduleSizes(modules, new Map()));
  };
  return {
    path,
    format,
    bytes,
    ...(files && { files }),
    ...(folder !== undefined && { folder }),
    parameters: [...parameters],
    layers: modules.recurrent.flatMap(layersOf),
    narrowProjections: true,
    equalSizes: modules.recurrent.map(layersOf).filter(({ length }) => length > 1),
    transposed: new Set(modules.plain.flatMap(linearWeight)),
    ...(await inferredGraph(modules, path, known)),
    hasOptimizerState,
    ...(fileNotes && { fileNotes }),
    ...(otherWeights && { otherWeights }),
    ...(shrinksOptimizerState && { shrinksOptimizerState }),
    ...(masksOptimizerState && { masksOptimizerState }),
    save: async (target, { shrink, without = [], step }) => {
      if (without.length > 0) await checkRebuild('shrink', without);
      const kept = shrink?.parameters;
      await container.save(target, {
        ...(kept && { kept, sizes: moduleSizes(modules, kept) }),
        ...(step && { step }),
      });
    },
    checkRebuild,
    shrinkNotes: ({ parameters }) => {
      const sizes = moduleSizes(modules, parameters);
      if (container.sizeNotes) return container.sizeNotes(sizes);
      const texts = sizeTexts(sizes);
      return texts.length === 0 ? [] : [{ code: 'noteSizesInCode', args: { sizes: texts } }];
    },
    close: () => container.close(),
  };
}

/** What a quick look tells. Throws as `stateDictModel`. */
export function probeStateDict(dict: StateDict, format: string, path: string): ProbeResult {
  const { recurrent } = recurrentModulesOf(dict, path);
  return { format, recurrentLayers: recurrent.flatMap(layersOf).map(({ name }) => name) };
}

function recurrentModulesOf(dict: StateDict, file: string): Modules {
  const modules = modulesOf(dict, file);
  if (modules.recurrent.length > 0) return modules;
  const layers = modules.order.filter((path) => path !== '');
  if (layers.length > 0) throw new UserError('noRecurrentLayers', { file, layers: firstOf(layers) });
  const tensors = dict.tensors.map(({ name, shape }) => `${name} [${shape.join(', ')}]`.trim());
  throw new UserError('noNamedLayers', { file, tensors: firstOf(tensors) });
}

function layersOf({ layers }: RecurrentModule): RecurrentLayer[] {
  return layers.flat().flatMap((layer) => layer ?? []);
}

/** A matrix that is an embedding's as well is kept as that wants it. */
function linearWeight({ kinds, parameters }: Modules['plain'][number]): Parameter[] {
  const weight = parameters.get('weight');
  return weight && kinds.includes('linear') && !kinds.includes('embedding') ? [weight] : [];
}
