import { stat } from 'node:fs/promises';
import type { Graph } from '../../model/graph.ts';
import type { Model, SaveOptions, TrainingConfiguration } from '../../model/model.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import type { LayoutChanges } from '../hdf5/rebuildable.ts';
import type { KerasVersion, LayerConfig } from './config.ts';
import type { WeightPaths } from './legacyWeights.ts';
import { Builder } from './lower/lowering.ts';
import { lowerModel } from './lower/network.ts';
import { type KerasParameter, type LeafParameters, parametersOf } from './parameters.ts';
import { probeConfig } from './probe.ts';
import { cellOf, recurrentLayer } from './recurrent.ts';
import { remainingFile } from './removal/remainingFile.ts';
import { equalSizes, shrunkFile } from './shrink.ts';
import type { WeightArrays } from './weightArrays.ts';

/** What every container, `.h5`, `.keras` or that of TensorFlow.js, knows of a model. */
export interface KerasContents {
  readonly path: string;
  readonly format: string;
  readonly version: KerasVersion;
  readonly config: LayerConfig;
  /** The JSON that `config` was read from. */
  readonly configText: string;
  readonly training: TrainingConfiguration | undefined;
  readonly weights: WeightArrays;
  readonly weightPaths: WeightPaths;
  readonly hasOptimizerState: boolean;
  /** Of a model of several files. */
  readonly parts?: Required<Pick<Model, 'bytes' | 'files' | 'folder'>>;
  /** What changes in the file of the weights when these layers remain of the configuration's. */
  layoutOf(remaining: LayerConfig): LayoutChanges;
}

/** How a model is written that has lost units or layers. */
export interface RewrittenFile {
  readonly configText: string;
  /** Of the file of the weights, the configuration aside. */
  readonly layout: LayoutChanges;
}

export interface KerasSaveOptions extends Omit<SaveOptions, 'shrink' | 'without'> {
  readonly rewritten?: RewrittenFile;
}

/** How a container writes and closes itself. */
export interface KerasContainer {
  save(path: string, parameters: readonly KerasParameter[], options: KerasSaveOptions): Promise<void>;
  checkRebuild(purpose: 'compress' | 'shrink'): Promise<void>;
  close(): Promise<void>;
}

export interface KerasModel extends Model {
  readonly parameters: readonly KerasParameter[];
}

/** Assembles the model: parameters, recurrent layers, and the graph or the reason why there is none. */
export async function kerasModel(contents: KerasContents, container: KerasContainer): Promise<KerasModel> {
  const { path, config, version, weights } = contents;
  probeConfig(config, contents.format, path);
  const leaves = parametersOf(config, contents.weightPaths, weights, path, version);
  const parameters = leaves.flatMap((leaf) => (leaf.repeated ? [] : leaf.parameters));
  const recurrent = new Map<string, RecurrentLayer>();
  for (const { leaf, parameters: arrays } of leaves) {
    if (!cellOf(leaf)) continue;
    const shared = [...recurrent.values()].find(({ gates }) => gates[0].kernel.parameter === arrays[0]);
    recurrent.set(leaf.path, shared ?? recurrentLayer(leaf, arrays, version, path));
  }
  const layers = [...new Set(recurrent.values())];
  const lower = (anyConfig: LayerConfig) => graphOf(anyConfig, version, leaves, recurrent);
  const whole = lower(config);
  const { tensors, ...lowered } = whole;
  return {
    path,
    format: contents.format,
    ...(contents.parts ?? { bytes: (await stat(path)).size }),
    parameters,
    layers,
    hasOptimizerState: contents.hasOptimizerState,
    ...lowered,
    ...(contents.training && { training: contents.training }),
    equalSizes: equalSizes(leaves, recurrent),
    save: async (target, { shrink, without = [], ...options }) => {
      if (shrink && without.length > 0)
        throw new Error('Save without the layers first, then shrink what was saved.');
      const rewritten = shrink
        ? shrunkFile(contents, leaves, tensors, shrink)
        : remainingFile(contents, whole, lower, without);
      await container.save(target, parameters, { ...options, ...(rewritten && { rewritten }) });
    },
    checkRebuild: async (purpose, without = []) => {
      remainingFile(contents, whole, lower, without);
      await container.checkRebuild(purpose);
    },
    close: () => container.close(),
  };
}

/** The graph of a configuration, or why there is none. */
export type Lowered = ({ graph: Graph; trainingNotes: readonly Message[] } | { notEvaluable: Message }) & {
  readonly tensors: Builder['tensors'];
};

function graphOf(
  config: LayerConfig,
  version: KerasVersion,
  leaves: readonly LeafParameters[],
  recurrent: ReadonlyMap<string, RecurrentLayer>,
): Lowered {
  const byRole = leaves.flatMap(({ leaf, parameters, roles }) =>
    parameters.map((parameter, i) => [`${leaf.path}/${roles[i]}`, parameter] as const),
  );
  const builder = new Builder(version, new Map(byRole), recurrent);
  try {
    return { graph: lowerModel(config, builder), trainingNotes: builder.notes, tensors: builder.tensors };
  } catch (error) {
    if (error instanceof UserError) return { notEvaluable: error.info, tensors: new Map() };
    throw error;
  }
}
