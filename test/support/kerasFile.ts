import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Dataset, Group } from 'h5wasm/node';
import { loadLibrary, openFile } from '../../extension/formats/hdf5/library.ts';
import { zipBytes } from './zip.ts';

/** A dataset: its name may hold slashes, for groups in between. */
export interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
  /** h5wasm's type strings; bfloat16 is kept in 16-bit integers, as Keras 3 does. */
  readonly dtype?: '<f' | '<d' | 'bfloat16';
  readonly chunks?: readonly number[];
  /** Compresses the chunks with gzip. */
  readonly gzip?: boolean;
}

export interface LegacyLayer {
  readonly name: string;
  readonly weights: readonly StoredWeight[];
}

export interface LegacyFile {
  readonly config: object | string;
  readonly layers: readonly LegacyLayer[];
  readonly kerasVersion?: string;
  readonly training?: object;
  /** Adds optimizer state. */
  readonly optimizer?: boolean;
  /** Splits `layer_names` into `layer_names0`, `layer_names1`, … of this many. */
  readonly layerNamesPerPart?: number;
  /** Leaves out `model_weights`, the configuration or both. */
  readonly without?: 'weights' | 'config' | 'both';
  /** Lists the layers at the top, without a configuration, as `save_weights` does. */
  readonly weightsOnly?: boolean;
}

/** Writes a whole model as Keras' `model.save('….h5')` lays it out, or its weights as `save_weights` of Keras 2 does. */
export async function writeKerasH5(path: string, model: LegacyFile): Promise<string> {
  await writeHdf5(path, (root) => {
    const named = !model.weightsOnly && model.without !== 'config' && model.without !== 'both';
    if (named) {
      const { config } = model;
      root.create_attribute('model_config', typeof config === 'string' ? config : JSON.stringify(config));
    }
    if (model.kerasVersion !== undefined) root.create_attribute('keras_version', model.kerasVersion);
    if (model.training) root.create_attribute('training_config', JSON.stringify(model.training));
    if (model.optimizer) root.create_group('optimizer_weights').create_attribute('weight_names', ['iter:0']);
    if (model.without === 'weights' || model.without === 'both') return;
    const weights = model.weightsOnly ? root : root.create_group('model_weights');
    weights.create_attribute('backend', 'tensorflow');
    writeLayerNames(weights, model);
    for (const layer of model.layers) {
      const group = weights.create_group(layer.name);
      const names = layer.weights.map(({ name }) => name);
      if (names.length > 0) group.create_attribute('weight_names', names);
      for (const weight of layer.weights) writeWeight(group, weight);
    }
  });
  return path;
}

function writeLayerNames(group: Group, { layers, layerNamesPerPart }: LegacyFile): void {
  const names = layers.map(({ name }) => name);
  if (layerNamesPerPart === undefined) group.create_attribute('layer_names', names);
  else {
    for (let part = 0; part * layerNamesPerPart < names.length; part++) {
      const own = names.slice(part * layerNamesPerPart, (part + 1) * layerNamesPerPart);
      group.create_attribute(`layer_names${part}`, own);
    }
  }
}

export interface ArchiveGroup {
  /** Where the arrays are: `layers/lstm/cell`. */
  readonly path: string;
  /** The attribute `name` of the group's own `vars`, and of that of the layer above a cell. */
  readonly name?: string;
  readonly weights: readonly Omit<StoredWeight, 'name'>[];
}

export interface ArchiveFile {
  readonly config: object | string;
  readonly kerasVersion?: string;
  readonly groups: readonly ArchiveGroup[];
  /** Further entries, before and behind Keras' own. */
  readonly before?: readonly { name: string; bytes: Buffer }[];
  readonly behind?: readonly { name: string; bytes: Buffer }[];
  readonly deflate?: boolean;
}

/** DOS time and date: 1980-01-01 with a time, so that a test sees whether it is kept. */
const modified = { time: 0x6c32, date: 0x0021 };

/** Writes a model as Keras 3's `model.save('….keras')` lays it out. */
export async function writeKerasArchive(path: string, model: ArchiveFile): Promise<string> {
  const weights = await archiveWeightsBytes(`${path}.weights`, model.groups);
  const text = (value: object | string) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const entries = [
    ...(model.before ?? []),
    { name: 'metadata.json', bytes: text({ keras_version: model.kerasVersion ?? '3.15.0' }) },
    { name: 'config.json', bytes: text(model.config) },
    { name: 'model.weights.h5', bytes: weights },
    ...(model.behind ?? []),
  ];
  const deflate = model.deflate ?? false;
  writeFileSync(path, zipBytes(entries.map((entry) => ({ ...entry, deflate, modified }))));
  return path;
}

/** Bytes of a `model.weights.h5`; the path is used for a moment. */
export async function archiveWeightsBytes(path: string, groups: readonly ArchiveGroup[]): Promise<Buffer> {
  await writeHdf5(path, (root) => {
    for (const { path: place, name, weights } of groups) {
      const vars = groupAt(root, `${place}/vars`);
      if (name !== undefined) {
        const top = place.endsWith('/cell') ? groupAt(root, `${place.slice(0, -5)}/vars`) : vars;
        top.create_attribute('name', name);
      }
      for (const [i, weight] of weights.entries()) writeWeight(vars, { ...weight, name: String(i) });
    }
  });
  const bytes = readFileSync(path);
  rmSync(path);
  return bytes;
}

/** Creates an HDF5 file and lets `fill` write into it. */
export async function writeHdf5(path: string, fill: (root: Group) => void): Promise<void> {
  const file = openFile(await loadLibrary(), path, 'w');
  try {
    fill(file);
  } finally {
    file.close();
  }
}

function groupAt(root: Group, path: string): Group {
  let group = root;
  for (const name of path.split('/')) {
    group = group.keys().includes(name) ? (group.get(name) as Group) : group.create_group(name);
  }
  return group;
}

function writeWeight(root: Group, { name, shape, values, dtype = '<f', chunks, gzip }: StoredWeight): void {
  const at = name.lastIndexOf('/');
  const group = at === -1 ? root : groupAt(root, name.slice(0, at));
  const own = name.slice(at + 1);
  const data =
    dtype === '<f'
      ? Float32Array.from(values)
      : dtype === '<d'
        ? Float64Array.from(values)
        : // A bfloat16 is the upper half of a float32.
          Uint16Array.from(new Uint32Array(Float32Array.from(values).buffer), (bits) => bits >>> 16);
  group.create_dataset({
    name: own,
    data,
    shape: [...shape],
    dtype: dtype === 'bfloat16' ? '<H' : dtype,
    ...(chunks && { chunks: [...chunks] }),
    ...(gzip && { compression: 'gzip', compression_opts: [6] }),
  });
  if (dtype === 'bfloat16') (group.get(own) as Dataset).create_attribute('dtype', 'bfloat16');
}
