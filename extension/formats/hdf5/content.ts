import type { FloatType, Parameter } from '../../model/parameter.ts';

export interface DatasetInfo {
  readonly shape: readonly number[];
  readonly dtype: FloatType;
}

/** What an HDF5 file holds, by paths; the same whoever reads it. */
export interface Hdf5Content {
  /** Names of the members of a group; none where there is no such group. */
  keys(group: string): string[];
  /** Value of an attribute, text decoded; undefined where there is none. */
  attribute(path: string, name: string): unknown;
  /** What stands at a path: a group, a dataset that may be weights, or text, integers and all else. Undefined where nothing does. */
  kind(path: string): 'group' | 'weights' | 'other' | undefined;
  /** Shape and type of a dataset of numbers; undefined where there is none at this path. Throws `UserError` dtypeUnsupported. */
  dataset(path: string): DatasetInfo | undefined;
  /** All values of a dataset, row-major, as float32. */
  read(path: string): Float32Array | Promise<Float32Array>;
  /** How some of them are read; nothing where only all can be. */
  partOf(path: string): Pick<Parameter, 'readPart'>;
  close(): void | Promise<void>;
}
