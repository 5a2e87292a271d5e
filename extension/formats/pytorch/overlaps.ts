import { UserError } from '../../protocol/userError.ts';
import type { Named } from './namedTensors.ts';
import type { TorchParameter } from './parameters.ts';
import { forEachPlace } from './strided.ts';
import { elementsOf, extentOf, overlapsItself } from './tensor.ts';

/** Whether a name is that of a weight of a recurrent module. */
const recurrentName = /(^|\.)(weight_(ih|hh|hr)|bias_(ih|hh))/;

/**
 * Whether a tensor's own values lie in one place, as those of an expanded one, of which a few bytes may be any number. Throws
 * tensorsOverlap where it is a weight of a recurrent layer.
 */
export function isExpanded({ name, tensor }: Named, file: string): boolean {
  if (!overlapsItself(tensor)) return false;
  refuseRecurrent([name], file);
  return true;
}

/**
 * The parameters that share a part of their values with others: views of one storage that are neither the same nor apart. Changing one
 * would change another. Throws tensorsOverlap where weights of a recurrent layer are among them.
 * @param parameters each view once, none expanded
 */
export function overlapping(parameters: readonly TorchParameter[], file: string): Set<TorchParameter> {
  const found = new Set<TorchParameter>();
  for (const cluster of clusters(parameters))
    if (shareElements(cluster)) for (const parameter of cluster) found.add(parameter);
  refuseRecurrent(
    [...found].map(({ name }) => name),
    file,
  );
  return found;
}

function refuseRecurrent(names: readonly string[], file: string): void {
  const recurrent = names.find((name) => recurrentName.test(name));
  if (recurrent !== undefined) throw new UserError('tensorsOverlap', { file, parameter: recurrent });
}

/** Groups of parameters whose first to last bytes meet. */
function clusters(parameters: readonly TorchParameter[]): TorchParameter[][] {
  const found: TorchParameter[][] = [];
  let end = -1;
  const filled = parameters.filter(({ tensor }) => elementsOf(tensor) > 0);
  for (const parameter of filled.toSorted((a, b) => a.at - b.at)) {
    if (parameter.at < end) found[found.length - 1].push(parameter);
    else found.push([parameter]);
    end = Math.max(end, endOf(parameter));
  }
  return found.filter(({ length }) => length > 1);
}

/** Marks every element; the spans may meet without that the elements do, as those of halves of rows. */
function shareElements(cluster: readonly TorchParameter[]): boolean {
  const [{ at: from, tensor: first }] = cluster;
  const width = first.type.bytes;
  const end = Math.max(...cluster.map(endOf));
  const taken = new Uint8Array((end - from) / width);
  return cluster.some(({ at, tensor }) => {
    const offset = (at - from) / width;
    if (tensor.type.bytes !== width || !Number.isInteger(offset)) return true;
    let shared = false;
    forEachPlace(tensor, (place) => {
      shared ||= taken[offset + place] === 1;
      taken[offset + place] = 1;
    });
    return shared;
  });
}

function endOf({ at, tensor }: TorchParameter): number {
  return at + extentOf(tensor) * tensor.type.bytes;
}
