import type { ValueName } from '../../../../model/graph.ts';
import { outputSize } from '../../../../model/recurrentLayer.ts';
import { intOf, intsOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { regroup, unstacked } from '../arrange.ts';
import { lowerBody } from '../body.ts';
import type { CellBody } from '../cell/body.ts';
import { gruOf } from '../cell/gru.ts';
import { addLayer, spelledLayer } from '../cell/layer.ts';
import { lstmOf } from '../cell/lstm.ts';
import { type Choice, choiceOf } from '../cell/masked.ts';
import type { CellMatch } from '../cell/match.ts';
import { type OperatorMatch, operatorOf } from '../cell/operator.ts';
import { rnnOf } from '../cell/rnn.ts';
import { sequences } from '../cell/sequences.ts';
import { besideZeros, isZero } from '../initialStates.ts';
import type { Lowering } from '../lowering.ts';
import { noCell, refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, type FlowAxis, flowOf, lengthsOf, type Place, type Value } from '../values.ts';

/** No cell carries more from step to step. */
const mostStates = 8;

/**
 * Scan (ONNX 9 and later) whose body is the step of a recurrent cell, by ONNX' own operator or spelled out, over all steps or over those
 * that a mask [B,T] says are real.
 */
export const scanRule: Rule = async (lowering, node) => {
  const body = node.attributes.get('body')?.graph;
  const count = intOf(node, 'num_scan_inputs', 0);
  const carried = node.inputs.length - count;
  if (
    !body ||
    lowering.opset < 9 ||
    count < 1 ||
    carried < 1 ||
    carried > mostStates ||
    body.inputs.length !== node.inputs.length
  )
    throw noCell(node);
  const over = sequences(lowering, node, carried);
  const states = node.inputs.slice(0, carried).map((_, i) => lowering.needed(node, i));
  const names = body.inputs.map(({ name }) => name);
  const inside: ValueName[] = [];
  const { inner, outputs } = await lowerBody(lowering, node, body, true, (own) => {
    const [batch] = lowering.emitter.shape(over.x);
    for (const [i, state] of states.entries()) inside.push(give(own, names[i], [batch, lastOf(state, node)]));
    for (const [i, { places, axes }] of over.steps.entries()) {
      const name = names[carried + i];
      const value = own.emitter.input(name, places);
      own.set(name, flowOf([value], axes));
      inside.push(value);
    }
  });
  const results = outputs.map((value) => rowsOf(value, node));
  const cellBody: CellBody = {
    x: inside[carried + over.steps.findIndex(({ isMask }) => !isMask)],
    states: inside.slice(0, carried),
    producer: (name) => inner.emitter.producer(name),
    width: (name) => {
      const length = inner.emitter.shape(name).at(-1)?.length;
      return typeof length === 'number' ? length : undefined;
    },
  };
  const maskStep = inside.slice(carried).find((_, i) => over.steps[i].isMask);
  const ends = results.map((name) => choiceOf(cellBody, name, maskStep));
  const cell = cellOf(
    cellBody,
    ends.slice(0, carried).map((end) => end.real),
  );
  if (!cell || results.length !== carried + 1) throw noCell(node);
  const put = ends[carried];
  const zeroMasked = checkMasks(cell, cellBody, ends, put, maskStep !== undefined, node);
  const layer = 'found' in cell ? cell.found : spelledLayer(lowering, node, cell, over.reverse);
  lowering.bodies.push(node);
  const initial: (ValueName | undefined)[] = [];
  for (const i of [cell.h, ...(cell.c === undefined ? [] : [cell.c])])
    initial.push((await isZero(lowering, states[i])) ? undefined : stateOf(lowering, states[i], node));
  const begun = besideZeros(lowering, node, initial, [outputSize(layer), layer.hiddenSize], over.x);
  const made = addLayer(lowering, node, cell, layer, [over.x, ...begun], over, zeroMasked);
  putOutputs(lowering, node, cell, results, made);
};

/**
 * Sets what the Scan puts out: the final states, and the outputs of all steps.
 * @param results what the body puts out
 * @param made what the layer does
 */
function putOutputs(
  lowering: Lowering,
  node: OnnxNode,
  cell: CellMatch | OperatorMatch,
  results: readonly ValueName[],
  made: readonly ValueName[],
): void {
  const carried = results.length - 1;
  const [sequence, last, ...finals] = made;
  const turned = (value: ValueName): Flow => {
    const [batch, width] = lowering.emitter.shape(value);
    return flowOf(
      [value],
      [
        { parts: [0], length: batch.length },
        { parts: [1], length: width.length },
      ],
    );
  };
  for (const [i, result] of results.slice(0, carried).entries()) {
    const isOutput = result === results[carried];
    const value = i === cell.h ? finals[0] : i === cell.c ? finals[1] : isOutput ? last : undefined;
    if (value === undefined) throw noCell(node);
    lowering.set(node.outputs[i], turned(value));
  }
  const [batch, time, width] = lowering.emitter.shape(sequence);
  const axes: FlowAxis[] = [
    { parts: [0], length: batch.length },
    { parts: [2], length: width.length },
  ];
  const at = intsOf(node, 'scan_output_axes')?.[0] ?? 0;
  axes.splice(at < 0 ? at + 3 : at, 0, { parts: [1], length: time.length });
  lowering.set(node.outputs[carried], flowOf([sequence], axes));
}

function cellOf(body: CellBody, next: readonly ValueName[]): CellMatch | OperatorMatch | undefined {
  return operatorOf(body, next) ?? lstmOf(body, next) ?? gruOf(body, next) ?? rnnOf(body, next);
}

/** Names a state for the body, batch first. */
function give(own: Lowering, name: string, places: readonly Place[]): ValueName {
  const value = own.emitter.input(name, places);
  own.set(
    name,
    flowOf(
      [value],
      places.map(({ length }, part): FlowAxis => ({ parts: [part], length })),
    ),
  );
  return value;
}

/** The width of a state [B,W]. */
function lastOf(value: Value, node: OnnxNode): Place {
  const lengths = lengthsOf(value);
  if (lengths.length !== 2) throw noCell(node);
  return { length: lengths[1] };
}

/** A state that is computed before the loop, as [B,W]. */
function stateOf(lowering: Lowering, value: Value, node: OnnxNode): ValueName {
  if (value.kind !== 'flow') throw refused(node, { code: 'reasonInitialState', args: {} });
  const flow = unstacked(lowering.emitter, value, node);
  return regroup(lowering.emitter, flow, [flow.axes[1].parts], node).values[0];
}

/** What a body puts out, [B,W]. */
function rowsOf(value: Value, node: OnnxNode): ValueName {
  if (value.kind !== 'flow' || value.values.length !== 1) throw noCell(node);
  if (value.axes.map(({ parts }) => parts.join()).join(' ') !== '0 1') throw noCell(node);
  return value.values[0];
}

/**
 * Whether masked steps put out 0; else they put out h, as it is held. Throws where they do anything else, or where no step is masked that
 * could be.
 */
function checkMasks(
  { h, c, next }: CellMatch | OperatorMatch,
  { states }: CellBody,
  ends: readonly Choice[],
  put: Choice,
  areMasked: boolean,
  node: OnnxNode,
): boolean {
  const holds = [h, c].every(
    (i) => i === undefined || ends[i].masked === (areMasked ? states[i] : undefined),
  );
  const fits =
    put.real === next[0] &&
    (areMasked ? put.masked === states[h] || put.masked === 0 : put.masked === undefined);
  if (!holds || !fits) throw noCell(node);
  return put.masked === 0;
}
