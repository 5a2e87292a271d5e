import { sizeOf } from '../../model/parameter.ts';
import {
  argumentsOf,
  globalName,
  nodeOf,
  type PickleObject,
  type PickleTuple,
  type PickleValue,
} from '../pickle/values.ts';
import { type ElementType, typeOfName } from './elementTypes.ts';
import { isCount, storageReference } from './storageReference.ts';

/** A tensor as a pickle describes it: a view of a storage, which lies outside the pickle. */
export interface TorchTensor {
  /** The storage's name in the file. */
  readonly storage: string;
  /** Bytes of the storage by what the pickle says. */
  readonly storageBytes: number;
  /** Bytes of one of the storage's own elements, by which `places.storage` counts; the tensor may read it as another type. */
  readonly storageWidth: number;
  readonly type: ElementType;
  /** In elements: index (i, j, …) lies at offset + i · stride[0] + j · stride[1] + … of the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  /** Of a module's parameter, whether it is trained; absent of other tensors, such as those of a state dict. */
  readonly trained?: boolean;
  /** Bytes of the pickle at which the opcodes of its numbers begin. */
  readonly places: {
    /** Elements of the storage. */
    readonly storage: number;
    readonly offset: number;
    readonly shape: readonly number[];
    readonly stride: readonly number[];
  };
}

/** Unpacks nothing deeper: a parameter of a subclass of a parameter of … */
const deepestWrap = 8;
const mostAxes = 64;

/**
 * The tensor that an object would have been, by the functions of torch._utils with which PyTorch pickles tensors; undefined for
 * anything else, quantised and sparse tensors among it.
 */
export function tensorOf(value: PickleValue, depth = 0): TorchTensor | undefined {
  const object = nodeOf(value, 'object');
  const args = object && argumentsOf(object);
  if (!object || !args || depth > deepestWrap) return undefined;
  const rebuilds = globalName(object.made);
  switch (rebuilds) {
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2':
      return viewOf(args);
    case 'torch._utils._rebuild_tensor_v3':
      return viewOf(args, typeOfName(globalName(args.items[6]) ?? ''));
    case 'torch._utils._rebuild_parameter':
    case 'torch._utils._rebuild_parameter_with_state': {
      const data = tensorOf(args.items[0], depth + 1);
      return data && { ...data, trained: args.items[1] === true };
    }
    case 'torch._tensor._rebuild_from_type_v2': {
      const inner: PickleObject = { kind: 'object', made: args.items[0], args: args.items[2] };
      return tensorOf(inner, depth + 1);
    }
    default:
      return undefined;
  }
}

/** (storage, offset, size, stride, requires_grad, …) */
function viewOf({ items, places }: PickleTuple, type?: ElementType): TorchTensor | undefined {
  const persistent = nodeOf(items[0], 'persistent');
  const storage = persistent && storageReference(persistent);
  const shape = countsOf(items[2]);
  const stride = countsOf(items[3]);
  if (!storage || !shape || !stride || !isCount(items[1]) || shape.items.length !== stride.items.length)
    return undefined;
  const { key, numel, place, first } = storage;
  return {
    storage: key,
    storageBytes: numel * storage.type.bytes,
    storageWidth: storage.type.bytes,
    type: type ?? storage.type,
    offset: items[1] + first,
    shape: shape.items,
    stride: stride.items,
    places: { storage: place, offset: places[1], shape: shape.places, stride: stride.places },
  };
}

/** A tuple of sizes, as a tuple or as torch.Size; with the places of its numbers. */
function countsOf(value: PickleValue): { items: number[]; places: readonly number[] } | undefined {
  const object = nodeOf(value, 'object');
  const tuple =
    object && globalName(object.made) === 'torch.Size'
      ? nodeOf(argumentsOf(object)?.items[0], 'tuple')
      : nodeOf(value, 'tuple');
  if (!tuple || tuple.items.length > mostAxes || !tuple.items.every(isCount)) return undefined;
  return { items: tuple.items.filter(isCount), places: tuple.places };
}

/** Elements from the first to the last one that a tensor reaches; 0 where it has none. */
export function extentOf({ shape, stride }: Pick<TorchTensor, 'shape' | 'stride'>): number {
  if (shape.includes(0)) return 0;
  return 1 + shape.reduce((sum, length, axis) => sum + (length - 1) * stride[axis], 0);
}

/** Its elements lie row-major and side by side. */
export function isContiguous({ shape, stride }: Pick<TorchTensor, 'shape' | 'stride'>): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/** Two of its indices lie in one place, as of an expanded tensor. */
export function overlapsItself({ shape, stride }: Pick<TorchTensor, 'shape' | 'stride'>): boolean {
  const axes = shape.map((length, axis) => ({ length, stride: stride[axis] })).filter((a) => a.length > 1);
  axes.sort((a, b) => a.stride - b.stride);
  let reach = 0;
  for (const { length, stride: own } of axes) {
    if (own <= reach) return true;
    reach += (length - 1) * own;
  }
  return false;
}

/** The same view of the same storage has the same text. */
export function identityOf({ storage, type, offset, shape, stride }: TorchTensor): string {
  return JSON.stringify([storage, type.name, offset, shape, shape.map((n, i) => (n === 1 ? 0 : stride[i]))]);
}

export function elementsOf({ shape }: Pick<TorchTensor, 'shape'>): number {
  return sizeOf(shape);
}
