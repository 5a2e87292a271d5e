import { readFile } from 'node:fs/promises';
import { looksLikeModelJson, modelJsonHead } from '../../protocol/modelJson.ts';
import { UserError } from '../../protocol/userError.ts';
import { headOf } from '../bytes/headOf.ts';
import { checkFileSize } from '../checkFileSize.ts';
import { damaged } from '../damaged.ts';
import { jsonFault } from '../jsonFault.ts';
import { largestJson } from '../largestJson.ts';
import { type WeightGroup, weightGroups } from './manifest.ts';

/** What a `model.json` of TensorFlow.js says. */
export interface ModelJson {
  /** The text that it was read from. */
  readonly text: string;
  readonly topology: Readonly<Record<string, unknown>>;
  /** Of layers, like a Keras model, or of operations. */
  readonly kind: 'layers' | 'graph';
  readonly groups: readonly WeightGroup[];
  /** What trained it, by TensorFlow.js; what Keras wrote stands in the topology. */
  readonly trainingConfig: unknown;
}

/** Whether a JSON file is the main one of a TensorFlow.js model, by its beginning. */
export async function isModelJson(path: string): Promise<boolean> {
  return looksLikeModelJson((await headOf(path, modelJsonHead)).toString('latin1'));
}

/** Reads a `model.json`. Throws `UserError`: fileTooLarge, fileDamaged, notAModel. */
export async function readModelJson(path: string): Promise<ModelJson> {
  await checkFileSize(path, largestJson);
  return parseModelJson(await readFile(path, 'utf8'), path);
}

function parseModelJson(text: string, file: string): ModelJson {
  const fault = jsonFault(text);
  if (fault) throw damaged(file, fault);
  const { modelTopology: topology, weightsManifest, format, trainingConfig } = parsed(text, file);
  if (typeof topology !== 'object' || topology === null || Array.isArray(topology))
    throw new UserError('notAModel', { file }, { code: 'reasonNoConfig', args: {} });
  if (weightsManifest === undefined)
    throw new UserError('notAModel', { file }, { code: 'reasonNoWeights', args: {} });
  return {
    text,
    topology: topology as ModelJson['topology'],
    kind: format === 'graph-model' || 'node' in topology ? 'graph' : 'layers',
    groups: weightGroups(weightsManifest, file),
    trainingConfig,
  };
}

function parsed(text: string, file: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json as Record<string, unknown>;
  } catch (error) {
    throw new UserError(
      'fileDamaged',
      { file },
      { code: 'reasonBadConfig', args: { detail: (error as Error).message } },
    );
  }
  throw new UserError('notAModel', { file }, { code: 'reasonNoObject', args: {} });
}
