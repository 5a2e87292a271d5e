import { intOf } from '../../attributes.ts';
import { dataTypes, type OnnxNode } from '../../proto.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Numbers, numbers } from '../values.ts';
import { truthOf } from './truth.ts';
import { applied } from './unary.ts';

const floats: readonly number[] = [
  dataTypes.float32,
  dataTypes.float16,
  dataTypes.float64,
  dataTypes.bfloat16,
];
/** Whole numbers that hold what comes of a model's values. Smaller ones would wrap round. */
const wide: readonly number[] = [dataTypes.int32, dataTypes.int64];
/** Operators that put out truth values, 0 and 1 here. */
const comparisons: ReadonlySet<string> = new Set([
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'Not',
  'And',
  'Or',
  'Xor',
]);

/** Between kinds of numbers: whole numbers lose their fractions, and what is not 0 is true. */
export const castRule: Rule = (lowering, node) => castTo(lowering, node, intOf(node, 'to', 1));

/** The same, to what another value is made of. */
export const castLikeRule: Rule = (lowering, node) => castTo(lowering, node, typeOf(lowering, node, 1));

async function castTo(lowering: Lowering, node: OnnxNode, to: number): Promise<void> {
  const given = lowering.needed(node, 0);
  const integer = !floats.includes(to);
  const value = integer && given.kind === 'weight' ? await lowering.numbers(node, 0) : given;
  if (!value) throw refused(node, { code: 'reasonInputMissing', args: { input: 0 } });
  if (value.kind === 'uniform') {
    lowering.set(node.outputs[0], { ...value, value: castNumber(value.value, to) });
    return;
  }
  if (value.kind === 'numbers') {
    lowering.set(node.outputs[0], castNumbers(value, to));
    return;
  }
  if (value.kind === 'flow' && to === dataTypes.bool) {
    lowering.set(node.outputs[0], truthOf(lowering, value, node));
    return;
  }
  if (value.kind !== 'flow' || !integer || isWhole(lowering, node.inputs[0]) || onlyChooses(lowering, node)) {
    lowering.set(node.outputs[0], value);
    return;
  }
  if (!wide.includes(to)) throw refused(node, { code: 'reasonAttribute', args: { name: 'to' } });
  const activation = { op: 'Trunc' } as const;
  const cut = applied(lowering, value, (input) => ({ op: 'Activation', activation, inputs: [input] }), node);
  lowering.set(node.outputs[0], cut);
}

function castNumbers(value: Numbers, to: number): Numbers {
  const integer = !floats.includes(to);
  if (value.integer === integer && to !== dataTypes.bool) return value;
  const values = value.values.map((x) => (typeof x === 'number' ? castNumber(x, to) : x));
  return numbers(value.shape, values, integer);
}

function castNumber(x: number, to: number): number {
  if (to === dataTypes.bool) return Number(x !== 0);
  return floats.includes(to) ? x : Math.trunc(x);
}

/** Of the kinds of numbers that are told apart here: floats, whole numbers, truth values. */
function typeOf(lowering: Lowering, node: OnnxNode, input: number): number {
  const value = lowering.needed(node, input);
  const name = node.inputs[input];
  const maker = lowering.contents.model.graph.nodes.find(({ outputs }) => outputs.includes(name));
  if (maker && comparisons.has(maker.opType)) return dataTypes.bool;
  const isInteger = value.kind === 'numbers' ? value.integer : isWhole(lowering, name);
  return isInteger ? dataTypes.int64 : dataTypes.float32;
}

/** Whether a value that is computed has no fractions, by what makes it. */
export function isWhole(lowering: Lowering, name: string): boolean {
  const { graph } = lowering.contents.model;
  const input = graph.inputs.find((one) => one.name === name);
  if (input) return input.dataType !== undefined && !floats.includes(input.dataType);
  const maker = graph.nodes.find(({ outputs }) => outputs.includes(name));
  if (!maker) return false;
  if (maker.opType === 'TopK') return isWhole(lowering, maker.inputs[0]);
  return maker.opType === 'Cast' ? !floats.includes(intOf(maker, 'to', 1)) : comparisons.has(maker.opType);
}

/** Whether all who read it choose rows of a table by it, which cuts fractions off as well. */
function onlyChooses({ contents }: Lowering, { outputs }: OnnxNode): boolean {
  const { nodes, outputs: ends } = contents.model.graph;
  const readers = nodes.filter(({ inputs }) => inputs.includes(outputs[0]));
  const chooses = readers.every(({ opType, inputs }) => opType === 'Gather' && inputs[0] !== outputs[0]);
  return chooses && ends.every(({ name }) => name !== outputs[0]);
}
