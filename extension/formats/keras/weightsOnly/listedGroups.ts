import { UserError } from '../../../protocol/userError.ts';
import type { Hdf5File } from '../../hdf5/file.ts';
import { type ArrayGroup, directionIn, type StoredArray } from './storedArrays.ts';

/** Arrays of the model itself, beside its layers' (TensorFlow from 2.6 on). */
const ofModel = 'top_level_model_weights';
/** Below which a whole model has what a file of weights has at its top. */
const wholeModel = 'model_weights';

/**
 * Where a file lists its layers, as `save_weights('….h5')` of Keras 1 and 2 does at the top; undefined where it does not. `load_weights`
 * also reads them from where `save` puts them.
 */
export function listRoot(file: Hdf5File): string | undefined {
  return ['', `/${wholeModel}`].find((root) => file.texts(root, 'layer_names') !== undefined);
}

/**
 * The arrays of every layer that `layer_names` lists, in the order of its `weight_names`. A Bidirectional and a nested model are one
 * layer there. Throws fileDamaged where an array is listed that is not there.
 */
export function listedGroups(file: Hdf5File, root: string, shownAs: string): ArrayGroup[] {
  const listed = file.texts(root, 'layer_names') ?? [];
  const layers = file.kind(`${root}/${ofModel}`) === 'group' ? [...listed, ofModel] : listed;
  return layers.map((name) => {
    const group = `${root}/${name}`;
    const names = file.texts(group, 'weight_names') ?? [];
    const arrays = names.flatMap((own) => arrayAt(file, own, `${group}/${own}`, shownAs) ?? []);
    return { name, direction: directionIn([name]) ?? 'forward', isCell: false, arrays };
  });
}

/** The array of a dataset; undefined where it holds no weights, such as how many samples a Normalization has seen. */
function arrayAt(file: Hdf5File, name: string, dataset: string, shownAs: string): StoredArray | undefined {
  const kind = file.kind(dataset);
  const info = kind === 'weights' ? file.dataset(dataset) : undefined;
  if (info) return { ...info, name, dataset, source: file };
  if (kind === 'other') return undefined;
  throw new UserError(
    'fileDamaged',
    { file: shownAs },
    { code: 'reasonNoDataset', args: { path: dataset.slice(1) } },
  );
}
