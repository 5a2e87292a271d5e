import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import { regroup, repeated, unstacked } from './arrange.ts';
import type { Emitter } from './emitter.ts';
import { impliedLength, type Length, over, product, sameLength, times } from './lengths.ts';
import { LengthImplied, refused } from './refuse.ts';
import { type Flow, type FlowAxis, flowOf, lengthsOf, type Place, stack } from './values.ts';

/** One factor of an ONNX axis: an axis of our value, the stack, or an axis that ours does not have. */
interface Atom {
  readonly part: number | undefined;
  readonly length: Length;
}

/**
 * A Reshape of ONNX: axes that only merge, or come apart again as they were merged, cost nothing. An axis that is cut is cut in our value;
 * axes that are merged without the batch are merged in our value, too.
 * @param target without 0 and −1
 */
export function reshaped(emitter: Emitter, flow: Flow, target: readonly Length[], node: OnnxNode): Flow {
  const implied = impliedLength(product(lengthsOf(flow)), product(target));
  if (implied)
    throw new LengthImplied(implied.name, implied.length, refused(node, { code: 'reasonReshape', args: {} }));
  let current = flow.axes.reduce(
    (whole, _, axis) => (isDivided(whole, axis, target) ? repeated(emitter, whole, [axis], node) : whole),
    flow,
  );
  let atoms = atomsOf(emitter, current);
  const axes: Atom[][] = [];
  for (const length of target) {
    if (typeof length === 'number' && !(length >= 0))
      throw refused(node, { code: 'reasonReshape', args: {} });
    const taken: Atom[] = [];
    let left = length;
    if (length === 1) {
      if (atoms[0]?.length === 1) taken.push(...atoms.splice(0, 1));
      axes.push(taken);
      continue;
    }
    while (left !== 1) {
      const atom = atoms.shift();
      if (!atom) throw refused(node, { code: 'reasonReshape', args: {} });
      const rest = over(left, atom.length);
      if (rest !== undefined) {
        // The batch of a file that is made for one sample needs no axis.
        if (atom.length !== 1) taken.push(atom);
        left = rest;
        continue;
      }
      if (atom.part === stack) return reshaped(emitter, unstacked(emitter, flow, node), target, node);
      const behind = over(atom.length, left);
      if (behind === undefined || atom.part === undefined || atom.part <= 0)
        throw refused(node, { code: 'reasonReshape', args: {} });
      current = split(emitter, current, atom.part, left, behind, node);
      const shift = ({ part, length: n }: Atom): Atom => ({
        part: part !== undefined && part > (atom.part ?? 0) ? part + 1 : part,
        length: n,
      });
      for (const list of [taken, atoms, ...axes]) list.splice(0, list.length, ...list.map(shift));
      taken.push({ part: atom.part, length: left });
      atoms = [{ part: atom.part + 1, length: behind }, ...atoms];
      left = 1;
    }
    axes.push(taken);
  }
  if (atoms.some(({ length }) => length !== 1)) throw refused(node, { code: 'reasonReshape', args: {} });
  const merged = axes.map((list): FlowAxis => {
    const parts = list.flatMap(({ part }) => (part === undefined ? [] : [part]));
    return { parts, length: product(list.map(({ length }) => length)) };
  });
  return inOneAxis(emitter, flowOf(current.values, merged), node);
}

/** Whether an axis along which all is the same, and that our value therefore does not have, is merged with others or cut. */
function isDivided(flow: Flow, axis: number, target: readonly Length[]): boolean {
  const { parts, length } = flow.axes[axis];
  if (parts.length > 0 || length === 1) return false;
  const before = product(lengthsOf(flow).slice(0, axis));
  return !target.some(
    (one, at) => sameLength(one, length) && sameLength(product(target.slice(0, at)), before),
  );
}

function atomsOf(emitter: Emitter, { values, axes }: Flow): Atom[] {
  const shape = emitter.shape(values[0]);
  return axes.flatMap(({ parts, length }): Atom[] =>
    parts.length === 0
      ? [{ part: undefined, length }]
      : parts.map((part) => ({ part, length: part === stack ? values.length : shape[part].length })),
  );
}

/** Cuts one axis of a flow's values in two. */
function split(
  emitter: Emitter,
  { values, axes }: Flow,
  part: number,
  before: Length,
  behind: Length,
  node: OnnxNode,
): Flow {
  const [first] = values;
  const cut = emitter.shape(first).toSpliced(part, 1, { length: before }, { length: behind });
  const lengths = cut.slice(1).map(({ length }) => (typeof length === 'number' ? length : -1));
  if (lengths.filter((length) => length === -1).length > 1)
    throw refused(node, { code: 'reasonAxesFree', args: {} });
  const made = values.map((name) =>
    emitter.add({ op: 'Reshape', shape: lengths, inputs: [name] }, cut as Place[], nameOf(node), name),
  );
  return flowOf(
    made,
    axes.map((axis) => ({
      ...axis,
      parts: axis.parts.flatMap((one) => (one === part ? [part, part + 1] : one > part ? [one + 1] : [one])),
    })),
  );
}

/** What was merged into one axis without the batch becomes one axis of our value. */
function inOneAxis(emitter: Emitter, flow: Flow, node: OnnxNode): Flow {
  const merging = flow.axes.filter(({ parts }) => parts.length > 1);
  if (!merging.some(({ parts }) => !parts.includes(0))) return flow;
  const single = unstacked(emitter, flow, node);
  const groups = single.axes
    .map(({ parts }) => parts)
    .filter((parts) => parts.length > 1 && !parts.includes(0));
  if (groups.length === 0) return single;
  const own = (axis: number) => groups.find((group) => group.includes(axis));
  const order = emitter.shape(single.values[0]).flatMap((_, axis) => {
    const group = own(axis);
    if (axis === 0 || (group && group[0] !== axis)) return [];
    return [group ?? [axis]];
  });
  const used = order.filter(([axis]) => own(axis) || single.axes.some(({ parts }) => parts.includes(axis)));
  return regroup(emitter, single, used, node);
}

/** The target of a Reshape with its 0 and −1 filled in; undefined where that is not known. */
export function filledTarget(
  flow: Flow,
  target: readonly Length[],
  allowZero: boolean,
): readonly Length[] | undefined {
  const lengths = lengthsOf(flow);
  const copied = target.map((length, axis) => (length === 0 && !allowZero ? lengths[axis] : length));
  const open = copied.indexOf(-1);
  if (open === -1) return copied;
  const known = copied.reduce<Length>((sum, length, axis) => (axis === open ? sum : times(sum, length)), 1);
  const left = over(product(lengths), known);
  return left === undefined ? undefined : copied.with(open, left);
}
