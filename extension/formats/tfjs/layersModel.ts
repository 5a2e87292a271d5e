import type { Graph } from '../../model/graph.ts';
import type { Model } from '../../model/model.ts';
import type { Message } from '../../protocol/messages.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import { type KerasVersion, type LayerConfig, parseModelConfig } from '../keras/config.ts';
import { leavesOf } from '../keras/leaves.ts';
import { kerasModel, type RewrittenFile } from '../keras/model.ts';
import { probeConfig } from '../keras/probe.ts';
import { topologyText } from './changedJson.ts';
import { filesOf } from './filesOf.ts';
import { floatNotes } from './floatNotes.ts';
import type { ModelJson } from './modelJson.ts';
import { type RewrittenModel, saveModel } from './saveModel.ts';
import { ShardArrays } from './shardArrays.ts';
import { trainingOf } from './training.ts';
import { weightPaths } from './weightPaths.ts';

const format = 'TensorFlow.js layers model';

/** TensorFlow.js computes every layers model as Keras 2.0 did, whatever wrote it. */
const version: KerasVersion = { text: '2.0', major: 2, tensorflowJs: true };

/** The recurrent layers of a layers model. Throws like `openLayersModel`. */
export function probeLayersModel(path: string, { text }: ModelJson): ProbeResult {
  return probeConfig(parseModelConfig(topologyText(text), path), format, path);
}

/** A model of Keras' layers, by its configuration. Throws `UserError`: notAModel, fileDamaged, noRecurrentLayers, … */
export async function openLayersModel(path: string, json: ModelJson): Promise<Model> {
  const { text, groups, topology, trainingConfig } = json;
  const configText = topologyText(text);
  const config = parseModelConfig(configText, path);
  probeConfig(config, format, path);
  const arrays = await ShardArrays.open(groups, path);
  const paths = weightPaths(
    config,
    arrays.weights.map(({ name }) => name),
  );
  const contents = {
    path,
    format,
    version,
    config,
    configText,
    training: trainingOf(trainingConfig, topology),
    weights: arrays,
    weightPaths: paths,
    hasOptimizerState: arrays.hasOptimizerState,
    parts: filesOf(path, json, arrays),
    layoutOf: (remaining: LayerConfig) => ({ leftOut: leftOut(paths, remaining) }),
  };
  const model = await kerasModel(contents, {
    save: (folder, parameters, { compress, rewritten, step }) => {
      if (compress) throw uncompressed(path);
      const byTensor = new Map(parameters.map((parameter) => [parameter.dataset, parameter]));
      const saving = { path, text, groups, arrays, parameters: byTensor, step };
      return saveModel(folder, { ...saving, ...(rewritten && { rewritten: rewrittenModel(rewritten) }) });
    },
    checkRebuild: async (purpose) => {
      if (purpose === 'compress') throw uncompressed(path);
    },
    close: async () => {},
  });
  const byTensor = new Map(model.parameters.map((parameter) => [parameter.dataset, parameter]));
  return {
    ...model,
    ...(model.graph && { graph: withWholeLoss(model.graph) }),
    writingNotes: () => floatNotes(arrays, byTensor),
  };
}

/** Keras leaves masked steps out of a loss; TensorFlow.js masks layers alone. */
function withWholeLoss(graph: Graph): Graph {
  return { ...graph, outputs: graph.outputs.map(({ name }) => ({ name })) };
}

/** Tensors of the layers that do not remain, as paths of the root. */
function leftOut(paths: ReadonlyMap<string, readonly string[]>, remaining: LayerConfig): string[] {
  const left = new Set(leavesOf(remaining, () => new Map()).map(({ path }) => path));
  const kept = new Set([...paths].flatMap(([path, names]) => (left.has(path) ? names : [])));
  return [...paths.values()].flat().flatMap((name) => (kept.has(name) ? [] : [`/${name}`]));
}

function rewrittenModel({ configText, layout }: RewrittenFile): RewrittenModel {
  const nameOf = (path: string) => path.slice(1);
  return {
    configText,
    kept: new Map([...(layout.kept ?? [])].map(([path, kept]) => [nameOf(path), kept])),
    leftOut: new Set((layout.leftOut ?? []).map(nameOf)),
  };
}

/** Files are sent as they are; servers compress what they send. */
function uncompressed(file: string): UserError {
  const reason: Message = { code: 'reasonNoCompression', args: {} };
  return new UserError('compressUnsupported', { file }, reason);
}
