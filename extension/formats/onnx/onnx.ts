import type { Model } from '../../model/model.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import type { Format } from '../format.ts';
import { inlined } from './inline.ts';
import { onnxModel, openSource } from './model.ts';
import { probeFound } from './probe.ts';
import { readModel } from './read/model.ts';
import { foundNodes, nameOf } from './recurrent/found.ts';

/** ONNX models, their weights in the file or in others beside it. */
export const onnx: Format = {
  suffixes: ['.onnx'],
  expected: 'expectedOnnx',
  holds: ['contentOnnx'],
  mainFile: (names) => {
    const models = names.filter((name) => name.toLowerCase().endsWith('.onnx'));
    return models.length === 1 ? models[0] : undefined;
  },
  probe,
  open,
};

async function probe(path: string): Promise<ProbeResult> {
  const { close, ...source } = await openSource(path);
  try {
    const { model } = inlined(await readModel(source), () => source.reader.damaged());
    const { found } = foundNodes(model);
    const isSpelled = found.length === 0 && model.graph.nodes.some(({ opType }) => opType === 'Scan');
    const names = isSpelled
      ? (await onnxModel(source, close)).layers.map(({ name }) => name)
      : found.map(({ node }) => nameOf(node));
    return probeFound(model, names, path);
  } finally {
    await close();
  }
}

async function open(path: string): Promise<Model> {
  const { close, ...source } = await openSource(path);
  try {
    return await onnxModel(source, close);
  } catch (error) {
    await close();
    throw error;
  }
}
