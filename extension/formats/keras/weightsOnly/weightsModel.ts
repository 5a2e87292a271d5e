import type { Model, SaveOptions } from '../../../model/model.ts';
import type { RecurrentLayer } from '../../../model/recurrentLayer.ts';
import { gatesOf } from '../../../model/recurrentLayer.ts';
import type { Message } from '../../../protocol/messages.ts';
import type { ProbeResult } from '../../../protocol/requests.ts';
import { UserError } from '../../../protocol/userError.ts';
import { UniqueNames } from '../../uniqueNames.ts';
import { type KerasParameter, kerasParameter } from '../parameters.ts';
import { firstNames } from '../probe.ts';
import { layerOver } from '../recurrent.ts';
import { isRecurrent, partsOf, type RecurrentArrays } from './recognise.ts';
import { type ArrayGroup, baseName, directionIn, type StoredArray } from './storedArrays.ts';

/** What a file of weights, or several, say of a model. */
export interface WeightsContents extends Pick<Model, 'path' | 'format' | 'bytes' | 'files' | 'folder'> {
  readonly groups: readonly ArrayGroup[];
  readonly hasOptimizerState: boolean;
  /** Why the model cannot be computed; absent: the file holds weights alone. */
  readonly why?: Message;
}

/** A parameter, and where its array is. */
export interface WeightsParameter extends KerasParameter {
  readonly source: StoredArray['source'];
}

/** How files of weights are written and closed. */
export interface WeightsContainer {
  save(
    path: string,
    parameters: readonly WeightsParameter[],
    options: Omit<SaveOptions, 'shrink' | 'without'>,
  ): Promise<void>;
  checkCompress(): Promise<void>;
  close(): Promise<void>;
}

/** Why such a model cannot be computed, and loses neither units nor layers. */
export const weightsOnly: Message = { code: 'reasonWeightsOnly', args: {} };

/** The names of the recurrent layers. Throws noRecurrentLayers, naming what is there instead. */
export function probeWeights({
  groups,
  format,
  path,
}: Pick<WeightsContents, 'groups' | 'format' | 'path'>): ProbeResult {
  const recurrentLayers = recurrentNames(groups);
  if (recurrentLayers.length === 0)
    throw new UserError('noRecurrentLayers', {
      file: path,
      layers: firstNames(groups.map(({ name }) => name)),
    });
  return { format, recurrentLayers };
}

/** Names of the recurrent layers that arrays are recognised as. */
export function recurrentNames(groups: readonly ArrayGroup[]): string[] {
  return placedParts(groups).flatMap(({ part, name }) => (isRecurrent(part) ? [name] : []));
}

/**
 * A model of which only the weights are known. Activations are not, so no unit is said to be dead; who reads a unit is not, so nothing is
 * computed and nothing leaves the file.
 */
export function weightsModel(contents: WeightsContents, container: WeightsContainer): Model {
  const { path, groups, why = weightsOnly, ...facts } = contents;
  probeWeights(contents);
  const parameters: WeightsParameter[] = [];
  const layers: RecurrentLayer[] = [];
  for (const { part, name, direction } of placedParts(groups)) {
    if (!isRecurrent(part)) {
      parameters.push(parameterOf(part, name));
      continue;
    }
    const { cell, hiddenSize, cudnn } = part;
    const own = part.arrays.map((array, i) =>
      parameterOf(array, `${name}/${roleOf(part, array, i)}`, cudnn ? gatesOf[cell].length : undefined),
    );
    parameters.push(...own);
    layers.push(layerOver(own, { name, cell, direction, hiddenSize, zeroPreserving: false }, path));
  }
  const refuse = () => {
    throw new UserError('shrinkUnsupported', { file: path }, why);
  };
  return {
    path,
    ...facts,
    parameters,
    layers,
    notEvaluable: { code: 'graphUnsupported', args: {}, cause: why },
    save: async (target, { shrink, without = [], ...options }) => {
      if (shrink || without.length > 0) refuse();
      await container.save(target, parameters, options);
    },
    checkRebuild: async (purpose, without = []) => {
      if (purpose === 'shrink' || without.length > 0) refuse();
      await container.checkCompress();
    },
    close: () => container.close(),
  };
}

function parameterOf(array: StoredArray, name: string, cudnnGates?: number): WeightsParameter {
  const { shape, dtype, dataset, source } = array;
  const options = cudnnGates === undefined ? {} : { cudnnGates };
  return { ...kerasParameter({ name, shape, dtype, dataset, trainable: true }, source, options), source };
}

function roleOf({ separate }: RecurrentArrays, array: StoredArray, i: number): string {
  return separate ? baseName(array) : ['kernel', 'recurrent_kernel', 'bias'][i];
}

/** A recurrent layer or another array, by a name that no other part has. */
interface PlacedPart extends Pick<ArrayGroup, 'name' | 'direction'> {
  readonly part: RecurrentArrays | StoredArray;
}

function placedParts(groups: readonly ArrayGroup[]): PlacedPart[] {
  const names = new UniqueNames('_');
  return groups.flatMap((group) => {
    const parts = partsOf(group);
    const alone = parts.filter(isRecurrent).length === 1;
    return parts.map((part): PlacedPart => {
      const { name, direction } = isRecurrent(part)
        ? nameOfLayer(group, part.arrays[0], alone)
        : { name: `${group.name}/${withinLayer(group, part.name)}`, direction: group.direction };
      return { part, direction, name: names.of(name) };
    });
  });
}

/** A group may hold the layers of a nested model, or both of a Bidirectional; then the arrays' own names tell them apart. */
function nameOfLayer(
  group: ArrayGroup,
  array: StoredArray,
  alone: boolean,
): Pick<PlacedPart, 'name' | 'direction'> {
  const segments = array.name.split('/').slice(0, -1);
  const inside = segments.filter((segment) => segment !== group.name && !/(^|_)cell(_\d+)?$/.test(segment));
  const own = directionIn([...inside, baseName(array)]);
  const direction = own ?? group.direction;
  if (alone) return { name: group.name, direction };
  const named = inside.map((segment) => (own !== undefined && segment.startsWith(own) ? own : segment));
  const path = named.length === 0 && own !== undefined ? [own] : named;
  return { name: [group.name, ...path].join('/'), direction };
}

/** `kernel` of `dense/kernel:0` in the layer `dense`. */
function withinLayer({ name: layer }: ArrayGroup, name: string): string {
  const own = name.replace(/:\d+(?=(_\d+)?$)/, '');
  return own.startsWith(`${layer}/`) ? own.slice(layer.length + 1) : own;
}
