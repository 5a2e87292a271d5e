import type { Parameter } from '../../model/parameter.ts';
import { sizeOf } from '../../model/parameter.ts';
import { UserError } from '../../protocol/userError.ts';
import { damaged } from '../damaged.ts';

/** How the numbers of a weight are stored: v · scale + min, or halves. */
export type WeightQuantization =
  | { readonly dtype: 'uint8' | 'uint16'; readonly scale: number; readonly min: number }
  | { readonly dtype: 'float16' };

/** A tensor in the manifest of a `model.json`. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of the values, as the manifest names it. */
  readonly dtype: string;
  readonly quantization?: WeightQuantization;
  /** State of the optimizer, by TensorFlow.js' `group`. */
  readonly ofOptimizer: boolean;
}

/** Tensors whose bytes lie one behind the other in files that are thought of as one. */
export interface WeightGroup {
  /** Beside the `model.json`, or in folders below; never elsewhere. */
  readonly paths: readonly string[];
  readonly weights: readonly WeightEntry[];
}

/** Bytes of one value by the type that it is stored as; those of texts vary. */
const widths: ReadonlyMap<string, number> = new Map([
  ['float32', 4],
  ['int32', 4],
  ['float16', 2],
  ['uint16', 2],
  ['uint8', 1],
  ['bool', 1],
  ['complex64', 8],
]);

/** The groups of a `weightsManifest`. Throws `UserError` fileDamaged where it is none, or names files that are not the model's own. */
export function weightGroups(manifest: unknown, file: string): WeightGroup[] {
  if (!Array.isArray(manifest)) throw damaged(file);
  const groups = manifest.map((group: unknown): WeightGroup => {
    const { paths, weights } = (group ?? {}) as { paths?: unknown; weights?: unknown };
    if (!Array.isArray(paths) || !Array.isArray(weights)) throw damaged(file);
    return {
      paths: paths.map((path) => {
        if (typeof path !== 'string' || !staysInside(path))
          throw new UserError(
            'fileDamaged',
            { file },
            { code: 'reasonPathOutside', args: { path: String(path) } },
          );
        return path;
      }),
      weights: weights.map((weight) => {
        const entry = weightEntry(weight);
        if (!entry) throw damaged(file);
        return entry;
      }),
    };
  });
  const paths = groups.flatMap((group) => group.paths.map((path) => path.toLowerCase()));
  const names = groups.flatMap(({ weights }) => weights.map(({ name }) => name));
  if (new Set(paths).size < paths.length || new Set(names).size < names.length) throw damaged(file);
  return groups;
}

/** Whether a path, of a web page's kind, leads to the folder that it is relative to or below, on every system. */
function staysInside(path: string): boolean {
  const parts = path.split('/');
  return (
    !/[\\:*?"<>|\0]/.test(path) &&
    parts.every((part) => part !== '' && !/^\.+$/.test(part) && !/[. ]$/.test(part))
  );
}

function weightEntry(json: unknown): WeightEntry | undefined {
  const { name, shape, dtype, quantization, group } = (json ?? {}) as Record<string, unknown>;
  const isShape = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (typeof name !== 'string' || !isShape || typeof dtype !== 'string') return undefined;
  if (dtype !== 'string' && !widths.has(dtype)) return undefined;
  if (!Number.isSafeInteger(sizeOf(shape) * 8)) return undefined;
  const stored = quantization === undefined ? undefined : weightQuantization(quantization);
  if (quantization !== undefined && !stored) return undefined;
  return { name, shape, dtype, ofOptimizer: group === 'optimizer', ...(stored && { quantization: stored }) };
}

function weightQuantization(json: unknown): WeightQuantization | undefined {
  const { dtype, scale, min } = (json ?? {}) as Record<string, unknown>;
  if (dtype === 'float16') return { dtype };
  const isAffine = typeof scale === 'number' && typeof min === 'number' && scale > 0;
  return (dtype === 'uint8' || dtype === 'uint16') && isAffine ? { dtype, scale, min } : undefined;
}

/** Bytes of a tensor in its group; undefined for texts, which say it themselves. */
export function storedBytes({ shape, dtype, quantization }: WeightEntry): number | undefined {
  const width = widths.get(quantization?.dtype ?? dtype);
  return dtype === 'string' && !quantization ? undefined : sizeOf(shape) * (width ?? 0);
}

/**
 * How a parameter says what is stored. Undefined for what holds no weights. Integers of which none stands for 0 have no quantisation that
 * it could say: `zeroless`.
 */
export function storedAs({
  shape,
  dtype,
  quantization,
}: WeightEntry): Pick<Parameter, 'shape' | 'dtype' | 'quantization'> | 'zeroless' | undefined {
  if (dtype === 'float16' && !quantization) return { shape, dtype };
  if (dtype !== 'float32') return undefined;
  if (!quantization) return { shape, dtype };
  if (quantization.dtype === 'float16') return { shape, dtype: 'float16' };
  const zeroPoint = zeroPointOf(quantization);
  if (zeroPoint === undefined) return 'zeroless';
  return {
    shape,
    dtype: quantization.dtype,
    quantization: { scale: [quantization.scale], zeroPoint: [zeroPoint] },
  };
}

/** A converter computes −k · scale, and may round what it writes. */
const nearly = 1e-3;

/** The integer that stands for 0, where one does: min = −k · scale. */
function zeroPointOf({
  dtype,
  scale,
  min,
}: Extract<WeightQuantization, { scale: number }>): number | undefined {
  const exact = -min / scale;
  const nearest = Math.round(exact);
  const fits =
    Math.abs(exact - nearest) <= nearly && nearest >= 0 && nearest <= (dtype === 'uint8' ? 255 : 65535);
  return fits ? nearest + 0 : undefined;
}
