import type { ValueName } from '../../../model/graph.ts';
import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import type { Emitter } from './emitter.ts';
import { type Length, product, sameLength } from './lengths.ts';
import { refused } from './refuse.ts';
import { type Flow, type FlowAxis, flowOf, type Place, stack } from './values.ts';

/*
 * Makes a flow's values lie as an operator takes them. What lies so already costs nothing.
 */

/**
 * The flow's one value with its axes behind the batch merged and ordered as groups of its present ones; an empty group is an axis of
 * length 1. Axes of length 1 that no group has go. Throws where a group mixes the samples of a batch.
 */
export function regroup(
  emitter: Emitter,
  flow: Flow,
  groups: readonly (readonly number[])[],
  node: OnnxNode,
): Flow {
  const order = groups.flat();
  if (order.includes(0)) throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const [name] = flow.values;
  const shape = emitter.shape(name);
  const left = shape.flatMap((_, axis) => (axis === 0 || order.includes(axis) ? [] : [axis]));
  if (left.some((axis) => shape[axis].length !== 1))
    throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const moving = order.filter((axis) => shape[axis].length !== 1);
  const turned = moving.some((axis, i) => i > 0 && axis < moving[i - 1]);
  const permutation = [0, ...order, ...left];
  const arranged = turned ? permutation.map((axis) => shape[axis]) : shape;
  const hint = name;
  const value = turned
    ? emitter.add({ op: 'Transpose', permutation, inputs: [name] }, arranged, nameOf(node), hint)
    : name;
  const target = groups.map((group): Place => {
    const [only] = group;
    return group.length === 1 ? shape[only] : { length: product(group.map((axis) => shape[axis].length)) };
  });
  const reshaped = reshape(emitter, value, target, node);
  return flowOf(
    [reshaped],
    flow.axes.map(({ parts, length }) => ({ parts: movedParts(parts, groups, left, node), length })),
  );
}

/** A value with other axes behind the batch, if it does not have them already. */
export function reshape(emitter: Emitter, name: string, target: readonly Place[], node: OnnxNode): string {
  const shape = emitter.shape(name);
  const behind = shape.slice(1);
  if (
    behind.length === target.length &&
    behind.every(({ length }, i) => sameLength(length, target[i].length))
  )
    return name;
  const places = [shape[0], ...target];
  const lengths = target.map(({ length }) => (typeof length === 'number' ? length : -1));
  if (lengths.filter((length) => length === -1).length <= 1)
    return emitter.add({ op: 'Reshape', shape: lengths, inputs: [name] }, places, nameOf(node), name);
  const without = behind.findIndex(
    ({ length }, axis) => length === 1 && sameAxes(behind.toSpliced(axis, 1), target),
  );
  if (without === -1) throw refused(node, { code: 'reasonAxesFree', args: {} });
  return emitter.add(
    { op: 'Select', axis: without + 1, index: 0, inputs: [name] },
    places,
    nameOf(node),
    name,
  );
}

function sameAxes(a: readonly Place[], b: readonly Place[]): boolean {
  return a.length === b.length && a.every(({ length }, i) => sameLength(length, b[i].length));
}

/** An axis' parts as they are after regrouping. */
function movedParts(
  parts: readonly number[],
  groups: readonly (readonly number[])[],
  left: readonly number[],
  node: OnnxNode,
): number[] {
  const moved: number[] = [];
  for (let i = 0; i < parts.length; ) {
    const part = parts[i];
    const group = groups.findIndex((one) => one[0] === part);
    if (part === 0) moved.push(0);
    else if (group !== -1 && groups[group].every((axis, k) => parts[i + k] === axis)) {
      moved.push(group + 1);
      i += groups[group].length;
      continue;
    } else if (!left.includes(part)) throw refused(node, { code: 'reasonMixesSamples', args: {} });
    i++;
  }
  return moved;
}

/** A flow of one value: several are joined along the axis that they share, or along one of their own. */
export function unstacked(emitter: Emitter, flow: Flow, node: OnnxNode): Flow {
  if (!flow.axes.some(({ parts }) => parts.includes(stack))) return flow;
  const shape = emitter.shape(flow.values[0]);
  const count = flow.values.length;
  const joined = flow.axes
    .map(({ parts }) => parts[parts.indexOf(stack) + 1])
    .find((after, i) => flow.axes[i].parts.includes(stack) && after !== undefined && after > 0);
  if (joined !== undefined) {
    const places = shape.map((place, axis) =>
      axis === joined ? { length: product([count, place.length]) } : place,
    );
    const value = emitter.add(
      { op: 'Concat', axis: joined, inputs: flow.values },
      places,
      nameOf(node),
      flow.values[0],
    );
    const axes = flow.axes.map(({ parts, length }) => ({
      parts: parts.filter((part) => part !== stack),
      length,
    }));
    return flowOf([value], axes);
  }
  const single = [{ length: 1 }, ...shape.slice(1)];
  const parts = flow.values.map((value) => reshape(emitter, value, single, node));
  const places = [shape[0], { length: count }, ...shape.slice(1)];
  const value = emitter.add({ op: 'Concat', axis: 1, inputs: parts }, places, nameOf(node), flow.values[0]);
  const shifted = (part: number) => (part === stack ? 1 : part === 0 ? 0 : part + 1);
  return flowOf(
    [value],
    flow.axes.map((axis): FlowAxis => ({ parts: axis.parts.map(shifted), length: axis.length })),
  );
}

/** The flow with its last ONNX axis as the last one of its value; the others stay in their order. */
export function lastAxis(emitter: Emitter, flow: Flow, node: OnnxNode): Flow {
  return withLast(emitter, flow, [flow.axes.length - 1], node);
}

/** The flow with some ONNX axes as the last ones of its value, in this order; the others stay in their order before them. */
export function withLast(emitter: Emitter, flow: Flow, last: readonly number[], node: OnnxNode): Flow {
  const single = repeated(emitter, unstacked(emitter, flow, node), last, node);
  const groups = last.map((axis) => single.axes[axis].parts);
  const taken = groups.flat();
  const rest = emitter
    .shape(single.values[0])
    .flatMap((_, axis) => (axis === 0 || taken.includes(axis) || !mentioned(single, axis) ? [] : [[axis]]));
  const arranged = regroup(emitter, single, [...rest, ...groups], node);
  // An axis of length 1 that was only notional is there now.
  const axes = arranged.axes.map((axis, i) => {
    const at = last.indexOf(i);
    return at === -1 ? axis : { ...axis, parts: [rest.length + 1 + at] };
  });
  return flowOf(arranged.values, axes);
}

function mentioned({ axes }: Flow, axis: number): boolean {
  return axes.some(({ parts }) => parts.includes(axis));
}

/** Repeats a flow along axes on which all was the same so far, so that its value has them. */
export function repeated(emitter: Emitter, flow: Flow, axes: readonly number[], node: OnnxNode): Flow {
  return axes.reduce((current, axis) => {
    const { parts, length, repeatedBy = node } = current.axes[axis];
    if (parts.length > 0 || length === 1) return current;
    const longer = withSteps(emitter, current, length, repeatedBy);
    return flowOf(
      longer.values,
      longer.axes.map((one, i) => ({
        parts: i === axis ? [1] : one.parts.map((part) => (part > 0 ? part + 1 : part)),
        length: one.length,
      })),
    );
  }, flow);
}

/** The flow with a value that has one more axis, right behind the batch, along which all is the same; its own axes are still as before. */
function withSteps(emitter: Emitter, flow: Flow, length: Length, node: OnnxNode): Flow {
  const [name] = flow.values;
  const shape = emitter.shape(name);
  const present = shape.flatMap((_, axis) => (axis > 0 && mentioned(flow, axis) ? [[axis]] : []));
  if (typeof length === 'number' && present.length === 1) {
    const single = regroup(emitter, flow, present, node);
    return flowOf([vectorRepeated(emitter, single.values[0], length, node)], single.axes);
  }
  const widened = reshape(emitter, name, [{ length: 1 }, ...shape.slice(1)], node);
  const like = typeof length === 'number' ? undefined : emitter.withLength(length);
  if (typeof length !== 'number' && !like) throw refused(node, { code: 'reasonAxesFree', args: {} });
  const value = emitter.add(
    like
      ? { op: 'Expand', axis: 1, likeAxis: like.axis, inputs: [widened, like.value] }
      : { op: 'Expand', axis: 1, count: length as number, inputs: [widened] },
    [shape[0], { length }, ...shape.slice(1)],
    nameOf(node),
    name,
  );
  return flowOf([value], flow.axes);
}

/** Every reader of what is repeated, such as both directions of a layer, has one sequence. */
function vectorRepeated(emitter: Emitter, name: string, count: number, node: OnnxNode): string {
  const made = emitter.nodes.find(
    (one) => one.op === 'RepeatVector' && one.inputs[0] === name && one.count === count,
  );
  const [batch, width] = emitter.shape(name);
  const places = [batch, { length: count }, width];
  return (
    made?.outputs[0] ?? emitter.add({ op: 'RepeatVector', count, inputs: [name] }, places, nameOf(node), name)
  );
}

/** What is the same for every sample as often as there are samples. */
export function perSample(emitter: Emitter, node: OnnxNode, name: ValueName, like: ValueName): ValueName {
  const [batch] = emitter.shape(like);
  const [own, ...behind] = emitter.shape(name);
  if (!own.everySample) return name;
  return emitter.add(
    { op: 'Expand', axis: 0, likeAxis: 0, inputs: [name, like] },
    [batch, ...behind],
    nameOf(node),
    name,
  );
}
