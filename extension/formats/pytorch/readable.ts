import { nodesBelow } from '../pickle/nodes.ts';
import { globalName } from '../pickle/values.ts';
import { noWeights } from './noWeights.ts';
import type { FoundTensor } from './prunedPairs.ts';
import type { TorchFile } from './torchFile.ts';
import { recurrentTensor } from './weights.ts';

/** Classes of quantised modules, and objects of native code such as their packed weights. */
const packed = /^torch\.ScriptObject$|\btorch\.(?:ao\.)?nn\.quantized\./;

/** Throws notATorchModel where the weights of a model are there in a form that is not read as tensors, which is named. */
export function checkReadable({ path, root, script }: TorchFile, found: readonly FoundTensor[]): void {
  if (found.some(({ tensor }) => recurrentTensor.test(tensor.name))) return;
  for (const node of nodesBelow(root))
    if (node.kind === 'global' && packed.test(globalName(node) ?? ''))
      throw noWeights(path, { code: 'reasonTorchQuantized', args: {} });
  if (script?.isFrozen) throw noWeights(path, { code: 'reasonTorchFrozen', args: {} });
  if (found.length === 0) throw noWeights(path, { code: 'reasonNoTensors', args: {} });
}
