import type { GateView } from '../model/gateView.ts';
import type { Model } from '../model/model.ts';
import { sizeOf } from '../model/parameter.ts';
import type { InspectReport, LayerReport, MatrixStatistics, TensorReport } from '../protocol/report.ts';
import { Blocks } from './blocks.ts';
import { inspectLayer, matricesOf, prunableMatrices, sparsityOf } from './inspectLayer.ts';
import { MagnitudeKernel } from './magnitudeKernel.ts';
import { spansOf } from './spans.ts';
import { matrixStatistics } from './statistics.ts';

/** A weight tensor that counts as prunable although it is no recurrent layer's. */
export interface IncludedTensor {
  readonly name: string;
  readonly view: GateView;
}

/**
 * Reads a model's recurrent layers, a block of values at a time where the format can, and describes every gate; then what else is prunable.
 * @param step called before each layer; throws to stop
 */
export async function inspectModel(
  model: Model,
  step?: () => Promise<void> | void,
  included: readonly IncludedTensor[] = [],
): Promise<InspectReport> {
  const kernel = await MagnitudeKernel.load();
  const blocks = new Blocks(kernel.blocks);
  const inspector = { kernel, blocks };
  const layers: LayerReport[] = [];
  const others: TensorReport[] = [];
  blocks.expect(
    [...model.layers.flatMap(matricesOf), ...included.map(({ view }) => [view])].flatMap(spansOf),
  );
  try {
    for (const layer of model.layers) {
      await step?.();
      layers.push(await inspectLayer(layer, inspector));
    }
    for (const { name, view } of included) {
      await step?.();
      others.push({ name, ...(await matrixStatistics([view], inspector))[0] });
    }
  } finally {
    await blocks.settle();
  }
  const matrices = [...layers.flatMap(prunableMatrices), ...others];
  return {
    format: model.format,
    bytes: model.bytes,
    parameters: model.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    sparsity: sparsityOf(matrices),
    layers,
    ...(others.length > 0 && { included: others }),
    ...(model.fileNotes && { fileNotes: [...model.fileNotes] }),
    ...(model.notEvaluable && { notEvaluable: model.notEvaluable }),
    ...(model.graph?.assumptions && { assumptions: [...model.graph.assumptions] }),
  };
}

/** Everything that is prunable in a report. */
export function prunableStatistics({ layers, included = [] }: InspectReport): MatrixStatistics[] {
  return [...layers.flatMap(prunableMatrices), ...included];
}
