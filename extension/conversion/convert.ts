import type { Graph } from '../model/graph.ts';
import { readNodes } from '../model/reads.ts';
import { inferShapes } from '../ops/infer.ts';
import type { ConversionTarget } from '../protocol/conversion.ts';
import { writeKerasArchive } from './keras/archive.ts';
import { writeOnnx } from './onnx/write.ts';
import { withPlainLayers } from './plainLayers.ts';
import { writeTfjs } from './tfjs/write.ts';

type Write = (
  path: string,
  graph: Graph,
  shapes: ReturnType<typeof inferShapes>,
  step?: () => Promise<void>,
) => Promise<void>;

const writers: Record<ConversionTarget, Write> = {
  onnx: writeOnnx,
  keras: writeKerasArchive,
  tfjs: writeTfjs,
};

/**
 * Writes a graph with its weights, trained and masked, in another format to a path that does not exist. Throws `UserError` where that
 * format cannot say what the graph does, or the graph contradicts itself.
 */
export async function writeConverted(
  target: ConversionTarget,
  path: string,
  graph: Graph,
  step?: () => Promise<void>,
): Promise<void> {
  const read = withPlainLayers({ ...graph, nodes: readNodes(graph) });
  await writers[target](path, read, inferShapes(read), step);
}
