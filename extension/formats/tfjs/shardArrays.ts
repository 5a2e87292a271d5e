import { dirname } from 'node:path';
import { type Parameter, sizeOf } from '../../model/parameter.ts';
import { UserError } from '../../protocol/userError.ts';
import { partReader } from '../bytes/partReader.ts';
import { ownValues } from '../bytes/readValues.ts';
import { toFloat32 } from '../bytes/values.ts';
import type { ArrayInfo, WeightArrays } from '../keras/weightArrays.ts';
import { GroupBytes } from './groupBytes.ts';
import { storedAs, type WeightGroup } from './manifest.ts';
import { type StoredWeight, storedWeights } from './storedWeights.ts';

/** Largest tensor that is read, in bytes of its float32 values. */
const largestTensor = 1.5 * 2 ** 30;

/** A group of the manifest with its files and where its tensors lie in them. */
export interface OpenedGroup {
  readonly bytes: GroupBytes;
  readonly weights: readonly StoredWeight[];
}

/** The tensors of a TensorFlow.js model by their names. */
export class ShardArrays implements WeightArrays {
  readonly groups: readonly OpenedGroup[];
  readonly #file: string;
  readonly #byName = new Map<string, { weight: StoredWeight; group: OpenedGroup }>();

  private constructor(groups: readonly OpenedGroup[], file: string) {
    this.groups = groups;
    this.#file = file;
    for (const group of groups)
      for (const weight of group.weights) this.#byName.set(weight.name, { weight, group });
  }

  /** @param file the `model.json` that the groups are of */
  static async open(groups: readonly WeightGroup[], file: string): Promise<ShardArrays> {
    const opened: OpenedGroup[] = [];
    for (const group of groups) {
      const bytes = await GroupBytes.open(group, dirname(file), file);
      opened.push({ bytes, weights: await storedWeights(group, bytes, file) });
    }
    return new ShardArrays(opened, file);
  }

  /** All tensors but the optimizer's, in the order of the files. */
  get weights(): StoredWeight[] {
    return this.groups.flatMap(({ weights }) => weights.filter(({ ofOptimizer }) => !ofOptimizer));
  }

  get hasOptimizerState(): boolean {
    return this.groups.some(({ weights }) => weights.some(({ ofOptimizer }) => ofOptimizer));
  }

  /** Bytes of all files of weights. */
  get size(): number {
    return this.groups.reduce((sum, { bytes }) => sum + bytes.size, 0);
  }

  /** Their paths. */
  get files(): string[] {
    return this.groups.flatMap(({ bytes }) => bytes.shards.map(({ path }) => path));
  }

  dataset(name: string): ArrayInfo | undefined {
    const found = this.#byName.get(name);
    if (!found) return undefined;
    const { weight } = found;
    const stored = storedAs(weight);
    if (!stored)
      throw new UserError('dtypeUnsupported', { file: this.#file, parameter: name, dtype: weight.dtype });
    // Where no integer stands for 0, what is pruned will be written as float32.
    return stored === 'zeroless' ? { shape: weight.shape, dtype: 'float32' } : stored;
  }

  holdsWeights(name: string): boolean {
    const found = this.#byName.get(name);
    return !found || storedAs(found.weight) !== undefined;
  }

  async read(name: string): Promise<Float32Array> {
    const found = this.#byName.get(name);
    if (!found) throw new RangeError(`no weight ${name}`);
    const { weight, group } = found;
    const needed = sizeOf(weight.shape) * 4;
    if (needed > largestTensor)
      throw new UserError('tooLarge', { file: this.#file, what: name, needed, limit: largestTensor });
    return valuesOf(weight, await group.bytes.read(weight.at, weight.bytes));
  }

  partOf(name: string): Pick<Parameter, 'readPart'> {
    const found = this.#byName.get(name);
    const stored = found && storedAs(found.weight);
    if (!found || !stored || stored === 'zeroless') return {};
    const { weight, group } = found;
    return partReader(stored, (bytes, at) => group.bytes.readInto(bytes, weight.at + at));
  }
}

/** What the bytes of a weight, which nobody else has, stand for. */
function valuesOf(weight: StoredWeight, bytes: Uint8Array): Float32Array {
  const stored = storedAs(weight);
  if (stored && stored !== 'zeroless') return ownValues(bytes, stored);
  const { quantization } = weight;
  if (!quantization || quantization.dtype === 'float16')
    throw new RangeError(`${weight.name} holds no weights`);
  const { dtype, scale, min } = quantization;
  const unit: Pick<Parameter, 'dtype' | 'shape' | 'quantization'> = {
    dtype,
    shape: weight.shape,
    quantization: { scale: [1], zeroPoint: [0] },
  };
  return toFloat32(bytes, unit).map((integer) => integer * scale + min);
}
