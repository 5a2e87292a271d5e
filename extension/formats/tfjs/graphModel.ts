import type { Model } from '../../model/model.ts';
import type { Parameter } from '../../model/parameter.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Message } from '../../protocol/messages.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import { filesOf } from './filesOf.ts';
import { floatNotes } from './floatNotes.ts';
import { cellLayer } from './graph/cellLayer.ts';
import { cellsOf, type FoundCell } from './graph/cells.ts';
import { graphDef } from './graph/graphDef.ts';
import { distinctNames, layerName } from './graph/layerNames.ts';
import { scopesOf } from './graph/scopes.ts';
import { storedAs, type WeightEntry } from './manifest.ts';
import type { ModelJson } from './modelJson.ts';
import { saveModel } from './saveModel.ts';
import { ShardArrays } from './shardArrays.ts';

const format = 'TensorFlow.js graph model';
const operations: Message = { code: 'reasonOperations', args: {} };

interface NamedCell {
  readonly name: string;
  readonly found: FoundCell;
}

/** The recurrent layers of a graph model. Throws like `openGraphModel`. */
export function probeGraphModel(path: string, json: ModelJson): ProbeResult {
  return { format, recurrentLayers: namedCells(path, json).map(({ name }) => name) };
}

/**
 * A model of TensorFlow's operations: the recurrent cells that are found in its loops are inspected and pruned in place, nothing is
 * computed. Throws `UserError`: noRecurrentLayers, fileDamaged, …
 */
export async function openGraphModel(path: string, json: ModelJson): Promise<Model> {
  const cells = namedCells(path, json);
  const arrays = await ShardArrays.open(json.groups, path);
  const parameters = new Map(weightsOf(json).map(({ name }) => [name, parameterOf(name, arrays)]));
  const layers = cells.flatMap(({ name, found }): RecurrentLayer[] => {
    const layer = cellLayer(found, name, parameters);
    return layer ? [layer] : [];
  });
  return {
    path,
    format,
    ...filesOf(path, json, arrays),
    parameters: [...parameters.values()],
    layers,
    notEvaluable: { code: 'graphUnsupported', args: {}, cause: operations },
    hasOptimizerState: false,
    writingNotes: () => floatNotes(arrays, parameters),
    save: async (folder, { compress, shrink, without = [], step }) => {
      if (compress || shrink || without.length > 0) throw refusal(compress ? 'compress' : 'shrink', path);
      await saveModel(folder, { path, text: json.text, groups: json.groups, arrays, parameters, step });
    },
    checkRebuild: async (purpose) => {
      throw refusal(purpose, path);
    },
    close: async () => {},
  };
}

function namedCells(path: string, json: ModelJson): NamedCell[] {
  const graph = graphDef(json.topology);
  const shapes = new Map(weightsOf(json).map(({ name, shape }) => [name, shape]));
  const found = scopesOf(graph).flatMap((scope) =>
    cellsOf(scope, shapes).map((cell) => ({ cell, name: layerName(cell, scope) })),
  );
  // A function that is called twice has its cells once.
  const byWeights = new Map(
    found.toReversed().map((one) => [JSON.stringify([one.cell.kernel, one.cell.recurrent]), one]),
  );
  const firsts = new Set(byWeights.values());
  const cells = found.filter((one) => firsts.has(one));
  if (found.length === 0) {
    const layers = [...new Set([...graph.operations.values()].map(({ op }) => op))];
    throw new UserError('noRecurrentLayers', { file: path, layers: layers.slice(0, 8).join(', ') });
  }
  const names = distinctNames(cells.map(({ name }) => name));
  return cells.map(({ cell }, i) => ({ name: names[i], found: cell }));
}

/** Constants that are weights: not the numbers of which shapes and places are made. */
function weightsOf({ groups }: ModelJson): WeightEntry[] {
  return groups.flatMap(({ weights }) =>
    weights.filter((entry) => entry.shape.length > 0 && storedAs(entry)),
  );
}

function parameterOf(name: string, arrays: ShardArrays): Parameter {
  const info = arrays.dataset(name);
  if (!info) throw new RangeError(`no weight ${name}`);
  return { name, ...info, trainable: true, read: () => arrays.read(name), ...arrays.partOf(name) };
}

function refusal(purpose: 'compress' | 'shrink', file: string): UserError {
  return purpose === 'compress'
    ? new UserError('compressUnsupported', { file }, { code: 'reasonNoCompression', args: {} })
    : new UserError('shrinkUnsupported', { file }, operations);
}
