import { numericOrder } from '../numericOrder.ts';
import type { Bundle, BundleTensor } from './bundle.ts';
import type { VariableName } from './objectGraph.ts';

/**
 * What is stored more than once: Keras 3 exports every variable of the model, and again all that the functions use. Tensors of one name
 * that is a path, one shape and one checksum are one variable.
 * @returns the tensors by the first of them, in the order in which the model lists its variables
 */
export function withCopies(
  { tensors, index }: Bundle,
  names: ReadonlyMap<string, VariableName>,
): Map<BundleTensor, BundleTensor[]> {
  const firsts = new Map<string, BundleTensor[]>();
  for (const tensor of tensors.toSorted(byList)) {
    const own = names.get(tensor.key)?.own ?? '';
    const checksum = tensor.dtype ? index.readUInt32LE(tensor.checksumAt) : 0;
    // Variables of several layers may be called `bias` alone, and begin with the same zeros.
    const identity = own.includes('/') ? JSON.stringify([own, tensor.shape, checksum]) : tensor.key;
    const copies = firsts.get(identity);
    if (copies) copies.push(tensor);
    else firsts.set(identity, [tensor]);
  }
  return new Map([...firsts.values()].map((copies) => [copies[0], copies]));
}

/** `variables/2` before `variables/10`; `_all_variables/0` and the like, which are in any order, come last. */
function byList({ key: a }: BundleTensor, { key: b }: BundleTensor): number {
  const last = (key: string) => Number(key.startsWith('_'));
  return last(a) - last(b) || numericOrder(a, b);
}
