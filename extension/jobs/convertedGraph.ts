import { openModel } from '../formats/open.ts';
import type { Graph } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import { whyNoGraph } from '../model/whyNoGraph.ts';
import type { ConversionTarget } from '../protocol/conversion.ts';
import { UserError } from '../protocol/userError.ts';

/** What was written, opened; undefined where it is a kind of model that is written but not read here, such as one of loops alone. */
export async function openConverted(
  target: ConversionTarget,
  temporary: string,
  output: string,
): Promise<Model | undefined> {
  try {
    return await openModel(temporary, { path: output });
  } catch (error) {
    if (target === 'onnx' && error instanceof UserError && error.info.code === 'noRecurrentLayers')
      return undefined;
    throw error;
  }
}

/**
 * What a converted model computes; undefined where it holds loops, which only ONNX has of layers. Throws conversionNotEvaluable where
 * layers were written that are not read.
 */
export function convertedGraph(
  target: ConversionTarget,
  converted: Pick<Model, 'graph' | 'notEvaluable'>,
  output: string,
): Graph | undefined {
  if (converted.graph || target === 'onnx') return converted.graph;
  throw new UserError('conversionNotEvaluable', { file: output }, whyNoGraph(converted));
}
