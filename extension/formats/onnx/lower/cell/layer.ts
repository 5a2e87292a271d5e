import type { Activation, RecurrentNode, ValueName } from '../../../../model/graph.ts';
import { isNormalized, outputSize, type RecurrentLayer } from '../../../../model/recurrentLayer.ts';
import { preservesZero } from '../../../../model/zeroPreserving.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import type { Lowering } from '../lowering.ts';
import type { Place } from '../values.ts';
import type { CellMatch } from './match.ts';
import type { OperatorMatch } from './operator.ts';
import type { Sequences } from './sequences.ts';

/** A layer that no operator is, with the Scan's name. */
export function spelledLayer(
  lowering: Lowering,
  node: OnnxNode,
  { layer, node: how }: CellMatch,
  reverse: boolean,
): RecurrentLayer {
  const { activation, outputActivation = activation } = how;
  const preserves = [activation, outputActivation].every(
    (one) => one.op !== 'Softmax' && one.op !== 'LogSoftmax' && preservesZero(one as Activation),
  );
  const zeroPreserving = preserves && !isNormalized(layer);
  const direction = reverse ? 'backward' : 'forward';
  const made: RecurrentLayer = { ...layer, name: nameOf(node), direction, zeroPreserving };
  lowering.spelled.push(made);
  return made;
}

/** Adds the layer; gives its outputs. */
export function addLayer(
  lowering: Lowering,
  node: OnnxNode,
  { node: how }: CellMatch | OperatorMatch,
  layer: RecurrentLayer,
  inputs: readonly ValueName[],
  { mask, reverse }: Sequences,
  zeroMasked: boolean,
): ValueName[] {
  const { gateActivation, activation, outputActivation, clip, linearBeforeReset } = how;
  const { cellClip, projectionClip } = how;
  const inputForget = 'inputForget' in how && how.inputForget;
  const bare: Omit<RecurrentNode, 'outputs' | 'origin'> = {
    op: layer.cell,
    layer,
    inputs,
    gateActivation,
    activation,
    ...(outputActivation && { outputActivation }),
    ...(clip !== undefined && { clip }),
    ...(cellClip !== undefined && { cellClip }),
    ...(projectionClip !== undefined && { projectionClip }),
    ...(inputForget && { inputForget }),
    ...(linearBeforeReset !== undefined && { linearBeforeReset }),
    ...(mask !== undefined && { mask }),
    ...(zeroMasked && { zeroMaskedOutput: true }),
    ...(reverse && { reverse }),
  };
  const [batch, time] = lowering.emitter.shape(inputs[0]);
  const [width, hidden]: Place[] = [{ length: outputSize(layer) }, { length: layer.hiddenSize }];
  const shapes = [
    [batch, time, width],
    [batch, width],
    [batch, width],
    ...(layer.cell === 'LSTM' ? [[batch, hidden]] : []),
  ];
  const hints = ['', ' last', ' h', ' c'].map((what) => `${nameOf(node)}${what}`);
  return lowering.emitter.addAll(bare, shapes, nameOf(node), hints);
}
