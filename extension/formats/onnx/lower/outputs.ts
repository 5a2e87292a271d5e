import type { GraphOutput } from '../../../model/graph.ts';
import { UserError } from '../../../protocol/userError.ts';
import type { OnnxGraph, OnnxNode } from '../proto.ts';
import { regroup, repeated, unstacked } from './arrange.ts';
import type { Lowering } from './lowering.ts';
import { refused } from './refuse.ts';

/** What a model is judged by: its outputs, without what only picks among their values at the end. */
export interface Ends {
  /** Names of ONNX values. */
  readonly outputs: readonly string[];
  /** The node that puts each one out. */
  readonly producers: ReadonlyMap<string, OnnxNode>;
  /** What picks among the values, with the outputs that it makes. */
  readonly leftOut: readonly { readonly operator: string; readonly output: string }[];
}

/** At the end these say which class it is, and what they pick from is the output here. */
const picking = ['ArgMax', 'ArgMin', 'TopK'];
/** What may stand behind them. */
const passing = ['Cast', 'Squeeze', 'Unsqueeze', 'Identity'];

export function skippedEnds({ nodes, outputs }: OnnxGraph): Ends {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const ends = outputs.map(({ name }) => ({ output: name, pick: pickOf(name, producers) }));
  return {
    outputs: [...new Set(ends.map(({ output, pick }) => pick?.inputs[0] ?? output))],
    producers,
    leftOut: ends.flatMap(({ output, pick }) => (pick ? [{ operator: pick.opType, output }] : [])),
  };
}

/** The ArgMax that makes an output, if one does, perhaps before a Cast. */
function pickOf(name: string, producers: ReadonlyMap<string, OnnxNode>): OnnxNode | undefined {
  let node = producers.get(name);
  while (node && passing.includes(node.opType)) node = producers.get(node.inputs[0]);
  return node && picking.includes(node.opType) ? node : undefined;
}

/**
 * The graph's outputs, batch first and then in the file's order. States of recurrent layers that are put out beside others come last: the
 * first output is the one that a loss is taken of.
 * @throws {UserError} outputsUnsupported where several could be that, or there is none
 */
export function graphOutputs(lowering: Lowering, { outputs, producers }: Ends): GraphOutput[] {
  const isState = (name: string) => statesOnly(lowering, name);
  const main = outputs.filter((name) => !isState(name));
  if (main.length > 1 || outputs.length === 0)
    throw new UserError('outputsUnsupported', { count: outputs.length });
  // Where all are what a recurrent layer puts out, the first is its sequence.
  const ordered = [...main, ...outputs.filter(isState)];
  return ordered.map((name) => ({ name: outputValue(lowering, name, producers) }));
}

/** Whether a value is only what recurrent layers put out beside their first output. */
function statesOnly(lowering: Lowering, name: string): boolean {
  const value = lowering.values.get(name);
  if (value?.kind !== 'flow') return false;
  return value.values.every((one) => {
    const made = lowering.emitter.producer(one);
    return made !== undefined && 'layer' in made && made.outputs[0] !== one;
  });
}

function outputValue(lowering: Lowering, name: string, producers: ReadonlyMap<string, OnnxNode>): string {
  const value = lowering.values.get(name);
  const node = producers.get(name);
  if (value?.kind !== 'flow' || !node)
    throw new UserError('graphUnsupported', {}, { code: 'reasonOutputConstant', args: { output: name } });
  if (lowering.orders.has(name)) throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const axes = value.axes.map((_, axis) => axis);
  const single = repeated(lowering.emitter, unstacked(lowering.emitter, value, node), axes, node);
  const merging = single.axes.some(({ parts }) => parts.length > 1);
  if (merging) return single.values[0];
  const behind = single.axes.flatMap(({ parts }) => (parts[0] === 0 ? [] : [parts]));
  return regroup(lowering.emitter, single, behind, node).values[0];
}
