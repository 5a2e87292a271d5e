import { damaged } from '../../damaged.ts';
import type { Hdf5File } from '../../hdf5/file.ts';
import { numericOrder } from '../../numericOrder.ts';
import { containers } from '../archiveWeights.ts';
import { type ArrayGroup, directionIn, type StoredArray } from './storedArrays.ts';

/** A group of Keras' tree that holds the arrays of one layer, `layers/lstm/cell/vars`. */
const varsName = 'vars';
/** Members of objects that say nothing of whose weights these are. */
const structure = new Set<string>([...Object.values(containers), 'cell', 'cells', 'layer']);
export const optimizerGroup = '/optimizer';

/** A file may lead back to where it came from; no model is as deep or as large as these. */
const deepest = 64;
const mostGroups = 100_000;

/** What may hold weights: one file, or one of several over which the arrays are spread. */
export type TreeFile = Pick<Hdf5File, 'keys' | 'kind' | 'attribute' | 'dataset' | 'read'>;

/**
 * The arrays of every layer as `save_weights('….weights.h5')` of Keras 3, and of Keras 2 from 2.12 on, lays them out: numbered in `vars`,
 * in groups named by classes and attributes. The attribute `name` of `vars`, where it is there, says the layer's own name.
 * @param files in which each group's arrays may lie
 */
export function treeGroups(files: readonly TreeFile[], shownAs: string): ArrayGroup[] {
  const found = new Map<string, StoredArray[]>();
  const names = new Map<string, string>();
  for (const file of files) {
    for (const path of varsPaths(file, shownAs)) {
      const parent = path.slice(0, -varsName.length - 1);
      const name = file.attribute(path, 'name');
      if (typeof name === 'string') names.set(parent, name);
      const before = found.get(parent) ?? [];
      // Of an array that is in several files Keras reads the first.
      const others = arraysIn(file, path).filter(({ name: own }) => before.every(({ name }) => name !== own));
      found.set(parent, [...before, ...others]);
    }
  }
  const groups = [...found].filter(([, arrays]) => arrays.length > 0).sort(([a], [b]) => inOrder(a, b));
  return groups.map(([parent, arrays]) => {
    const segments = segmentsOf(parent);
    return {
      name: labelOf(parent, names),
      direction: directionIn(segments) ?? 'forward',
      isCell: segments.some((segment) => /^cells?$|rnn|_cell(_\d+)?$/.test(segment)),
      arrays: arrays.sort((a, b) => Number(a.name) - Number(b.name)),
    };
  });
}

/** Every `vars` below the top, without the optimizer's. */
function varsPaths(file: TreeFile, shownAs: string): string[] {
  const found: string[] = [];
  let groups = 0;
  const visit = (path: string, depth: number): void => {
    if (depth > deepest || ++groups > mostGroups) throw damaged(shownAs);
    for (const name of file.keys(path)) {
      const own = `${path}/${name}`;
      if (own === optimizerGroup || file.kind(own) !== 'group') continue;
      if (name === varsName) found.push(own);
      else visit(own, depth + 1);
    }
  };
  visit('', 0);
  return found;
}

/** Without what is no weight, such as the state of a random generator. */
function arraysIn(file: TreeFile, path: string): StoredArray[] {
  return file.keys(path).flatMap((name) => {
    const dataset = `${path}/${name}`;
    const info = file.kind(dataset) === 'weights' ? file.dataset(dataset) : undefined;
    return info ? [{ ...info, name, dataset, source: file }] : [];
  });
}

/** Keras 2.12 joined names by backslashes on Windows. */
function segmentsOf(path: string): string[] {
  return path.split(/[/\\]/).filter((segment) => segment !== '');
}

/** The names of the layers on the way, such as `encoder/lstm_1/forward`. */
function labelOf(parent: string, names: ReadonlyMap<string, string>): string {
  let path = '';
  const label: string[] = [];
  for (const part of parent.split('/').slice(1)) {
    path += `/${part}`;
    const segments = segmentsOf(part).filter((segment) => !structure.has(segment));
    const direction = /^(forward|backward)_layer$/.exec(segments.at(-1) ?? '')?.[1];
    const own = names.get(path);
    if (direction !== undefined) label.push(...segments.slice(0, -1), direction);
    else if (segments.length > 0) label.push(own ?? segments.join('/'));
  }
  return label.join('/');
}

/** `lstm` before `lstm_2` before `lstm_10`, and of a Bidirectional forward before backward. */
function inOrder(...paths: [string, string]): number {
  const [a, b] = paths.map((path) => path.replace('forward_layer', '!').split('/'));
  for (const [i, segment] of a.entries()) {
    const order = numericOrder(segment, b[i] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
