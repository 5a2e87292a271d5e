import type { Model } from '../../model/model.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import type { Format } from '../format.ts';
import { onnxModel, openSource } from './model.ts';
import { probeFound } from './probe.ts';
import { readModel } from './read/model.ts';
import { foundNodes } from './recurrent/found.ts';

/** ONNX models, their weights in the file or in others beside it. */
export const onnx: Format = {
  suffixes: ['.onnx'],
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
    const model = await readModel(source);
    return probeFound(model, foundNodes(model, () => source.reader.damaged()).found, path);
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
