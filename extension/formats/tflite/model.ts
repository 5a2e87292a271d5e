import type { Model } from '../../model/model.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Message } from '../../protocol/messages.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import { FileBytes } from '../bytes/fileBytes.ts';
import { PagedBytes } from '../bytes/pagedBytes.ts';
import { editRaw } from '../bytes/rawParameter.ts';
import type { Format } from '../format.ts';
import { type Lowered, lowerTflite } from './lower/lower.ts';
import { operatorName } from './operatorNames.ts';
import { copyApart } from './ownBuffers.ts';
import { collectWeights, TfliteParameters } from './parameters.ts';
import { recurrentLayers, recurrentNames, recurrentOperators } from './recurrent.ts';
import { readTflite, type TfliteModel, type TfliteOperator } from './schema.ts';
import { apartOf } from './sharedValues.ts';
import { withSignedWeights } from './signedWeights.ts';

const formatName = 'TensorFlow Lite';

/** TensorFlow Lite models (now LiteRT): a FlatBuffer with the operators and their weights, one tensor a gate. */
export const tflite: Format = {
  suffixes: ['.tflite'],
  expected: 'expectedTflite',
  holds: ['contentTflite'],
  probe,
  open,
};

async function probe(path: string): Promise<ProbeResult> {
  const file = await FileBytes.open(path);
  try {
    const { model, names } = describe(new PagedBytes(file), path);
    return { format: formatName, recurrentLayers: layerNames(model, names) };
  } finally {
    await file.close();
  }
}

async function open(path: string): Promise<Model> {
  const file = await FileBytes.open(path);
  const tables = new PagedBytes(file);
  try {
    const { model, names } = describe(tables, path);
    const parameters = new TfliteParameters(file, path);
    const layers = new Map<TfliteOperator, readonly RecurrentLayer[]>();
    for (const graph of model.graphs) {
      for (const operator of graph.operators) {
        const kind = recurrentOperators.get(operator.code);
        const name = names.get(operator);
        if (kind && name !== undefined)
          layers.set(operator, recurrentLayers(kind, operator, name, graph, parameters, path));
      }
    }
    collectWeights(model.graphs, parameters);
    const lowered = loweredOf(model, layers, parameters, tables);
    return { ...modelOf(path, file, parameters, layers, lowered), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function modelOf(
  path: string,
  file: FileBytes,
  parameters: TfliteParameters,
  layers: ReadonlyMap<TfliteOperator, readonly RecurrentLayer[]>,
  lowered: Lowered | { notEvaluable: Message },
): Omit<Model, 'close'> {
  const refuse = (purpose: 'compress' | 'shrink') =>
    new UserError(
      `${purpose}Unsupported`,
      { file: path },
      { code: purpose === 'compress' ? 'reasonNoCompression' : 'reasonSizesInOperators', args: {} },
    );
  return {
    path,
    format: formatName,
    bytes: file.size,
    parameters: parameters.all(),
    layers: [...layers.values()].flat(),
    equalSizes: [...layers.values()].filter((both) => both.length > 1),
    hasOptimizerState: false,
    ...lowered,
    save: async (target, { compress, shrink, without = [], step }) => {
      if (compress) throw refuse('compress');
      if (shrink || without.length > 0) throw refuse('shrink');
      const apart = apartOf(parameters.all(), parameters.others());
      const placeOf = await copyApart(file, target, apart, step);
      const moved = parameters.all().map((parameter) => ({ ...parameter, at: placeOf(parameter) }));
      await editRaw(target, moved, path, step);
    },
    checkRebuild: async (purpose) => {
      throw refuse(purpose);
    },
  };
}

/** Everything but the weights, with the names of the layers. Throws noRecurrentLayers, naming the operators, and layersInLoops. */
function describe(
  tables: PagedBytes,
  path: string,
): { model: TfliteModel; names: Map<TfliteOperator, string> } {
  const { graphs } = readTflite(tables, path);
  const model = { graphs: graphs.map((graph) => ({ ...graph, tensors: withSignedWeights(graph) })) };
  const names = recurrentNames(model.graphs);
  if (names.size > 0) return { model, names };
  const operators = model.graphs.flatMap((graph) => graph.operators);
  const types = new Set(operators.map(({ code, custom }) => operatorName(code, custom)));
  // What converters make of recurrent layers that they do not fuse; which of a loop's matrices belong to gates is not to be told.
  if (types.has('WHILE')) throw new UserError('layersInLoops', { file: path, loop: 'WHILE' });
  throw new UserError('noRecurrentLayers', { file: path, layers: [...types].slice(0, 12).join(', ') });
}

function layerNames({ graphs }: TfliteModel, names: ReadonlyMap<TfliteOperator, string>): string[] {
  return graphs
    .flatMap(({ operators }) => operators)
    .flatMap((operator) => {
      const name = names.get(operator);
      if (name === undefined) return [];
      const places = recurrentOperators.get(operator.code)?.places ?? [];
      return places.length === 1 ? [name] : places.map(({ direction }) => `${name}/${direction}`);
    });
}

function loweredOf(
  model: TfliteModel,
  layers: ReadonlyMap<TfliteOperator, readonly RecurrentLayer[]>,
  parameters: TfliteParameters,
  tables: PagedBytes,
): Lowered | { notEvaluable: Message } {
  try {
    return lowerTflite(model, layers, parameters, tables);
  } catch (error) {
    if (error instanceof UserError) return { notEvaluable: error.info };
    throw error;
  }
}
