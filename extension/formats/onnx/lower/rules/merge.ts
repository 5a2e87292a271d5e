import { transposedView } from '../../../../model/gateView.ts';
import type { Activation } from '../../../../model/graph.ts';
import type { MergeOp } from '../../../../model/mergeNode.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { aligned } from '../aligned.ts';
import type { BareNode } from '../emitter.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, flowOf, lengthsOf, type Numbers, type Value, wholeParameter } from '../values.ts';
import { isWhole } from './cast.ts';
import { foldedOf } from './foldRule.ts';
import { measured } from './measured.ts';
import { countedWith } from './samplePlaces.ts';
import { isMask } from './truth.ts';
import { applied } from './unary.ts';

/** Add, Sub, Mul, Div, Pow, Max, Min, Mean, Sum: of values that are computed, known numbers and weights. */
export function mergeRule(op: MergeOp): Rule {
  return async (lowering, node) => {
    const operands = node.inputs.map((_, input) => lowering.needed(node, input));
    const cuts = op === 'Div' && dividesWhole(lowering, operands, node);
    const value = await merged(lowering, op, operands, node, cuts);
    const isCut = cuts && value.kind === 'flow';
    lowering.set(node.outputs[0], isCut ? applied(lowering, value, withoutFractions, node) : value);
  };
}

/** Whether a division is one of whole numbers: ONNX divides none by a fraction. */
function dividesWhole(lowering: Lowering, operands: readonly Value[], { inputs }: OnnxNode): boolean {
  return operands.some(
    (value, i) => (value.kind === 'numbers' && value.integer) || isWhole(lowering, inputs[i]),
  );
}

export async function merged(
  lowering: Lowering,
  op: MergeOp,
  given: readonly Value[],
  node: OnnxNode,
  dividesWhole = false,
): Promise<Value> {
  if (given.length === 1) return given[0];
  const operands = given.map((value) =>
    isMeasured(op, value, given) ? measured(lowering, value, node) : value,
  );
  const flows = operands.filter((value) => value.kind === 'flow');
  const ofSamples = countedWith(op, given);
  if (ofSamples) return ofSamples;
  if (flows.length === 0) return foldedOf(lowering, op, operands, node);
  const withBias = op === 'Add' && operands.length === 2 ? biased(lowering, operands, node) : undefined;
  if (withBias) return withBias;
  if (operands.length === 2) {
    const scalar = await withScalar(lowering, op, operands, node, dividesWhole);
    if (scalar) return scalar;
  }
  const ofMask = op === 'Mul' && operands.length === 2 ? masked(lowering, operands, node) : undefined;
  if (ofMask) return ofMask;
  const { values, shape, axes } = await aligned(lowering, operands, node);
  const name = lowering.emitter.add({ op, inputs: values }, shape, nameOf(node), node.outputs[0]);
  return flowOf([name], axes);
}

/**
 * Whether a length that is free is a number to compute with: beside a computed value, or where a fraction comes of it that is no product of
 * lengths, as of a standard deviation over n - 1 steps.
 */
function isMeasured(op: MergeOp, value: Value, operands: readonly Value[]): value is Numbers {
  if (value.kind !== 'numbers' || value.values.length !== 1 || typeof value.values[0] === 'number')
    return false;
  return operands.some(({ kind }) => kind === 'flow') || (!value.integer && op !== 'Mul');
}

/** x [B,T,I] with its masked steps set to 0. */
function masked(lowering: Lowering, operands: readonly Value[], node: OnnxNode): Flow | undefined {
  const { emitter } = lowering;
  const at = operands.findIndex(
    (value) => value.kind === 'flow' && value.values.length === 1 && isMask(emitter, value.values[0]),
  );
  const [mask, x] = [operands[at], operands[1 - at]];
  if (mask?.kind !== 'flow' || x.kind !== 'flow' || x.values.length !== 1) return undefined;
  const places = emitter.shape(x.values[0]);
  const lie = (flow: Flow) => flow.axes.map(({ parts }) => parts.join());
  const [own, its] = [lie(x), lie(mask)];
  const meets =
    places.length === 3 && its.length === 3 && its.every((part, i) => part === own[i] || part === '');
  if (!meets || its.toSorted().join(' ').trim() !== '0 1') return undefined;
  const inputs = [x.values[0], mask.values[0]];
  return flowOf([emitter.add({ op: 'ApplyMask', inputs }, places, nameOf(node), node.outputs[0])], x.axes);
}

/** A product that gets its bias. */
function biased(lowering: Lowering, operands: readonly Value[], node: OnnxNode): Value | undefined {
  const at = operands.findIndex(({ kind }) => kind === 'flow');
  const [flow, other] = [operands[at] as Flow, operands[1 - at]];
  const [name] = flow.values;
  const made = lowering.emitter.producer(name);
  if (other.kind !== 'weight' || made?.op !== 'MatMul' || made.bias || flow.values.length !== 1)
    return undefined;
  const { shape } = lowering.emitter;
  const width = made.transposed ? transposedView(made.weight).rows : made.weight.shape[1];
  const last = flow.axes.at(-1)?.parts ?? [];
  const along = other.shape.at(-1) === width && other.shape.slice(0, -1).every((n) => n === 1);
  const bias = wholeParameter({ ...other, shape: [width], strides: other.strides.slice(-1) });
  const fits = last.length === 1 && last[0] === shape.call(lowering.emitter, name).length - 1;
  if (!along || !bias || !fits || other.shape.length > flow.axes.length) return undefined;
  const product = node.inputs[at];
  if (product !== undefined && lowering.uses(product) !== 1) return undefined;
  lowering.emitter.replace(name, (old) => ({ ...old, bias }) as typeof old);
  return flow;
}

/** With one number that is no weight. */
async function withScalar(
  lowering: Lowering,
  op: MergeOp,
  operands: readonly Value[],
  node: OnnxNode,
  dividesWhole: boolean,
): Promise<Value | undefined> {
  const at = operands.findIndex(({ kind }) => kind === 'flow');
  const [flow, other] = [operands[at] as Flow, operands[1 - at]];
  if (other.kind === 'flow' || other.shape.length > flow.axes.length) return undefined;
  const single = other.kind === 'uniform' || lengthsOf(other).every((length) => length === 1);
  const repeats = other.kind === 'uniform' && other.shape.some((length) => length !== 1);
  if (!single || repeats) return undefined;
  const number = other.kind === 'uniform' ? other.value : (await lowering.known(other))?.values[0];
  if (typeof number !== 'number') throw refused(node, { code: 'reasonAxesFree', args: {} });
  const nodes = scalarNodes(op, dividesWhole ? roundedOut(number, at === 0) : number, at === 0);
  if (!nodes) return undefined;
  const { emitter } = lowering;
  const values = flow.values.map((value) =>
    nodes.reduce(
      (input, bare) => emitter.add(bare(input), emitter.shape(value), nameOf(node), node.outputs[0]),
      value,
    ),
  );
  return flowOf(values, flow.axes);
}

/**
 * A divisor or dividend whose quotients are greater by a millionth, as x · 1/c may come out below the whole number that it is: those of
 * whole numbers up to half a million lose their fractions rightly so.
 */
function roundedOut(c: number, first: boolean): number {
  return first ? c / (1 + 2 ** -20) : c * (1 + 2 ** -20);
}

type Made = (input: string) => BareNode;

const withoutFractions: Made = (input) => ({
  op: 'Activation',
  activation: { op: 'Trunc' },
  inputs: [input],
});
/** What x op c is in our nodes, or c op x; undefined where it takes a constant of its own. */
function scalarNodes(op: MergeOp, c: number, first: boolean): readonly Made[] | undefined {
  const activated =
    (activation: Activation): Made =>
    (input) => ({ op: 'Activation', activation, inputs: [input] });
  const scaled =
    (factor: number): Made =>
    (input) => ({ op: 'Scale', factor, inputs: [input] });
  const affine = (alpha: number, beta: number) => activated({ op: 'Affine', alpha, beta });
  switch (op) {
    case 'Add':
      return [affine(1, c)];
    case 'Sub':
      return [first ? affine(1, -c) : affine(-1, c)];
    case 'Mul':
      return [scaled(c)];
    case 'Div':
      return first ? [scaled(1 / c)] : [activated({ op: 'Reciprocal' }), scaled(c)];
    case 'Pow':
      if (!first) return undefined;
      if (c === 2) return [(input) => ({ op: 'Mul', inputs: [input, input] })];
      return c === 0.5 ? [activated({ op: 'Sqrt' })] : undefined;
    case 'Max':
      return [activated({ op: 'Clip', alpha: c })];
    case 'Min':
      return [activated({ op: 'Clip', alpha: -Infinity, beta: c })];
    case 'Mean':
      return undefined;
  }
}
