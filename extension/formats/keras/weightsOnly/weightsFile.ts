import { stat } from 'node:fs/promises';
import type { Model } from '../../../model/model.ts';
import type { Hdf5File } from '../../hdf5/file.ts';
import { checkRebuild } from '../../hdf5/rebuild.ts';
import type { LayerConfig } from '../config.ts';
import { ownClass } from '../ownClass.ts';
import { configAttribute, optimizerGroup as legacyOptimizer, saveHdf5 } from '../saveHdf5.ts';
import { rebuildPurpose } from '../shrink.ts';
import { listedGroups, listRoot } from './listedGroups.ts';
import { hiddenRecurrent, ownLayerOf } from './ownLayers.ts';
import { optimizerGroup, treeGroups } from './treeGroups.ts';
import { type WeightsContents, weightsModel } from './weightsModel.ts';

type WeightsFound = Pick<WeightsContents, 'groups' | 'format' | 'hasOptimizerState' | 'why'>;

/**
 * The weights of a file that holds weights alone, or a model whose code is in no file; undefined where it holds a whole one, or nothing of
 * Keras'.
 */
export function weightsIn(file: Hdf5File, path: string): WeightsFound | undefined {
  const config = file.attribute('/', configAttribute);
  const type = typeof config === 'string' ? ownClass(config) : undefined;
  if (config !== undefined && type === undefined) return undefined;
  const root = listRoot(file);
  const groups = root === undefined ? treeGroups([file], path) : listedGroups(file, root, path);
  if (groups.length === 0) return undefined;
  const version = file.attribute(root ?? '/', 'keras_version');
  return {
    groups,
    format: `Keras ${typeof version === 'string' ? `${version} ` : ''}HDF5${type === undefined ? ' weights' : ''}`,
    hasOptimizerState: hasOptimizerState(file),
    ...(type !== undefined && { why: { code: 'reasonOwnClass', args: { type } } as const }),
  };
}

/** The same of a whole model, where layers of its author's own hold recurrent ones; undefined of every other. */
export function hiddenWeightsIn(
  file: Hdf5File,
  { config, format }: { readonly config: LayerConfig; readonly format: string },
  path: string,
): WeightsFound | undefined {
  const root = ownLayerOf(config) && listRoot(file);
  if (root === undefined) return undefined;
  const groups = listedGroups(file, root, path);
  const why = hiddenRecurrent(config, groups);
  return why && { groups, format, hasOptimizerState: hasOptimizerState(file), why };
}

function hasOptimizerState(file: Hdf5File): boolean {
  return file.keys(`${optimizerGroup}/vars`).length > 0 || file.kind(legacyOptimizer) === 'group';
}

/** Opens them; the file is closed with the model. */
export async function openWeights(path: string, file: Hdf5File, found: WeightsFound): Promise<Model> {
  return weightsModel(
    { ...found, path, bytes: (await stat(path)).size },
    {
      save: (target, parameters, options) => saveHdf5(path, target, parameters, options),
      checkCompress: () => checkRebuild(path, rebuildPurpose(path, 'compress', optimizerGroup)),
      close: async () => file.close(),
    },
  );
}
