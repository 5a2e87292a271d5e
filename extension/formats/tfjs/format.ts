import type { Model } from '../../model/model.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import type { Format } from '../format.ts';
import { openGraphModel, probeGraphModel } from './graphModel.ts';
import { openLayersModel, probeLayersModel } from './layersModel.ts';
import { isModelJson, readModelJson } from './modelJson.ts';

/** `model.json` and the files of weights that it names, of TensorFlow.js. */
export const tensorflowJs: Format = {
  suffixes: ['.json'],
  match: isModelJson,
  expected: 'expectedModelJson',
  mainFile,
  probe,
  open,
};

/** Usually `model.json`; else the one that stands beside files that are named like its weights. */
function mainFile(names: readonly string[]): string | undefined {
  if (names.includes('model.json')) return 'model.json';
  const [only, another] = names.filter((name) => name.toLowerCase().endsWith('.json'));
  const hasShards = names.some((name) => /^group\d+-shard\d+of\d+(\.bin)?$|\.weights\.bin$/.test(name));
  return hasShards && another === undefined ? only : undefined;
}

async function probe(path: string): Promise<ProbeResult> {
  const json = await readModelJson(path);
  return json.kind === 'graph' ? probeGraphModel(path, json) : probeLayersModel(path, json);
}

async function open(path: string): Promise<Model> {
  const json = await readModelJson(path);
  return json.kind === 'graph' ? openGraphModel(path, json) : openLayersModel(path, json);
}
