import type { PickleValue } from '../pickle/values.ts';
import type { NamedTensor, StateDict } from '../stateDict/tensors.ts';
import { overlapping } from './overlaps.ts';
import { type TorchParameter, torchParameter } from './parameters.ts';
import { identityOf } from './tensor.ts';
import type { TorchFile } from './torchFile.ts';
import { Walk } from './walk.ts';
import { weightsIn } from './weights.ts';

/** The weights of a file, and what is needed to write it again. */
export interface TorchContents {
  readonly stateDict: StateDict;
  /** Each once, though it may have several names. */
  readonly parameters: readonly TorchParameter[];
  /** The names are those of pickled modules. */
  readonly hasModules: boolean;
  /** State dicts of optimizers. */
  readonly optimizers: readonly PickleValue[];
}

/** Finds the weights among what a file holds. Throws fileDamaged, tensorsOverlap. */
export async function contentsOf(torch: TorchFile): Promise<TorchContents> {
  const tree = weightsIn(torch.root, new Walk(torch.path));
  const byIdentity = new Map<string, TorchParameter>();
  const found: { tensor: NamedTensor; own?: TorchParameter }[] = [];
  for (const named of tree.tensors) {
    const { name, tensor } = named;
    const described = { name, shape: tensor.shape, dtype: tensor.type.name };
    const { dtype } = tensor.type;
    if (!dtype) {
      found.push({ tensor: described });
      continue;
    }
    const identity = identityOf(tensor);
    const own = byIdentity.get(identity) ?? (await torchParameter(torch, named, dtype));
    byIdentity.set(identity, own);
    found.push({ tensor: described, own });
  }
  const parameters = [...byIdentity.values()];
  const shared = overlapping(parameters, torch.path);
  return {
    parameters: parameters.filter((parameter) => !shared.has(parameter)),
    hasModules: tree.modules.size > 0,
    optimizers: tree.optimizers,
    stateDict: {
      inOrder: true,
      tensors: found.map(({ tensor, own }) =>
        own && !shared.has(own) ? { ...tensor, parameter: own } : tensor,
      ),
      ...(tree.modules.size > 0 && { modules: tree.modules }),
    },
  };
}
