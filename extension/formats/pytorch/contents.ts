import type { PickleValue } from '../pickle/values.ts';
import type { ModuleFacts, StateDict } from '../stateDict/tensors.ts';
import type { ModuleParts } from './moduleTree.ts';
import { overlapping } from './overlaps.ts';
import { type TorchParameter, torchParameter } from './parameters.ts';
import { type FoundTensor, joinedPairs } from './prunedPairs.ts';
import { checkReadable } from './readable.ts';
import { scriptOptions } from './scriptOptions.ts';
import { identityOf } from './tensor.ts';
import type { TorchFile } from './torchFile.ts';
import { Walk } from './walk.ts';
import { weightsIn } from './weights.ts';

/** The weights of a file, and what is needed to write it again. */
export interface TorchContents {
  readonly stateDict: StateDict;
  /** Each once, though it may have several names. */
  readonly parameters: readonly TorchParameter[];
  /** By their names, where the weights are those of pickled modules. */
  readonly modules: ReadonlyMap<string, ModuleParts>;
  /** State dicts of optimizers. */
  readonly optimizers: readonly PickleValue[];
}

/** Finds the weights among what a file holds. Throws fileDamaged, notATorchModel, tensorsOverlap. */
export async function contentsOf(torch: TorchFile): Promise<TorchContents> {
  const tree = weightsIn(torch.root, new Walk(torch.path));
  const byIdentity = new Map<string, TorchParameter>();
  const all: FoundTensor[] = [];
  for (const named of tree.tensors) {
    const { name, tensor } = named;
    const described = { name, shape: tensor.shape, dtype: tensor.type.name };
    const { dtype } = tensor.type;
    if (!dtype) {
      all.push({ tensor: described });
      continue;
    }
    const identity = identityOf(tensor);
    const own = byIdentity.get(identity) ?? (await torchParameter(torch, named, dtype));
    byIdentity.set(identity, own);
    all.push({ tensor: described, own });
  }
  checkReadable(torch, all);
  const shared = overlapping([...byIdentity.values()], torch.path);
  const found = joinedPairs(all);
  const parameters = [...new Set(found.flatMap(({ own }) => own ?? []))];
  return {
    parameters: parameters.filter((parameter) => !shared.has(parameter)),
    modules: tree.modules,
    optimizers: tree.optimizers,
    stateDict: {
      inOrder: true,
      withheld: tree.withheld,
      tensors: found.map(({ tensor, own }) =>
        own && !shared.has(own) ? { ...tensor, parameter: own } : tensor,
      ),
      ...(tree.modules.size > 0 && { modules: await factsOf(torch, tree.modules) }),
    },
  };
}

/** What is known of the modules; of those of a TorchScript archive also what its code says. */
async function factsOf(
  { script }: TorchFile,
  modules: ReadonlyMap<string, ModuleParts>,
): Promise<Map<string, ModuleFacts>> {
  const options = script && scriptOptions(await script.sources());
  return new Map(
    [...modules].map(([path, { facts, className }]) => {
      const stated = options?.get(className) ?? new Map<string, unknown>();
      return [path, { ...facts, options: new Map([...stated, ...facts.options]) }];
    }),
  );
}
