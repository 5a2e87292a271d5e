import { type ArrayGroup, directionIn, type StoredArray } from '../keras/weightsOnly/storedArrays.ts';
import type { BundleTensor } from './bundle.ts';
import type { VariableName } from './objectGraph.ts';

/** In the order in which Keras lists the weights of a cell. */
const order = ['kernel', 'recurrent_kernel', 'bias'];
/** The key of a variable's own values ends so. */
const valueSuffix = '/.ATTRIBUTES/VARIABLE_VALUE';

/**
 * The weights of a checkpoint by the layers that own them, by the names that the variables have; what an optimizer keeps is none. A
 * variable without a name of its own has that of the attributes that lead to it.
 */
export function groupsOf(
  tensors: readonly BundleTensor[],
  names: ReadonlyMap<string, VariableName>,
  source: StoredArray['source'],
): ArrayGroup[] {
  const groups = new Map<string, StoredArray[]>();
  for (const { key, dtype, shape } of tensors) {
    if (!dtype || shape.length === 0 || isOptimizerState(key)) continue;
    const name = nameOf(key, names);
    if (/^(adam|sgd|rmsprop|nadam|adamw|lion)\//i.test(name)) continue;
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    const array = { name, dataset: key, shape, dtype, source };
    const group = groups.get(parent);
    if (group) group.push(array);
    else groups.set(parent, [array]);
  }
  return [...groups].map(([parent, arrays]) => {
    const segments = parent.split('/');
    const isCell = arrays.some(({ name }) => name.endsWith('/recurrent_kernel'));
    const own = segments.filter((segment) => !/(^|_)cell(_\d+)?$/.test(segment));
    return {
      name: (isCell && own.length > 0 ? own : segments).join('/') || 'variables',
      direction: directionIn(segments) ?? 'forward',
      isCell,
      arrays: arrays.toSorted((a, b) => rank(a) - rank(b)),
    };
  });
}

/**
 * Whether a key of a checkpoint is of what an optimizer keeps. Those of Keras 3 list the variables that they train as well, and where
 * `tf.saved_model.save` wrote a trained model, its own weights stand under no other key.
 */
export function isOptimizerState(key: string): boolean {
  return (
    /optimizer|OPTIMIZER_SLOT/.test(key) && !/optimizer\/_trainable_variables\/\d+\/\.ATTRIBUTES/.test(key)
  );
}

function nameOf(key: string, names: ReadonlyMap<string, VariableName>): string {
  const { own = '', path = '' } = names.get(key) ?? {};
  if (own.includes('/')) return own;
  // Keras 3 names a variable by what it is alone.
  const place = path || key.replace(valueSuffix, '');
  return own === '' || place.endsWith(`/${own}`) ? place : `${place.replace(/\/[^/]*$/, '')}/${own}`;
}

function rank({ name }: StoredArray): number {
  const place = order.indexOf(name.slice(name.lastIndexOf('/') + 1));
  return place === -1 ? order.length : place;
}
