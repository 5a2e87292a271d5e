import type { PickleValue } from '../pickle/values.ts';
import type { ModuleFacts, StateDict, Withheld } from '../stateDict/tensors.ts';
import { beyondModules } from './beyondModules.ts';
import { frozenWeights } from './frozenWeights.ts';
import type { ModuleParts } from './moduleTree.ts';
import { overlapping } from './overlaps.ts';
import { type TorchParameter, torchParameter } from './parameters.ts';
import { type FoundTensor, joinedPairs } from './prunedPairs.ts';
import { checkReadable } from './readable.ts';
import { scriptOptions } from './scriptOptions.ts';
import { identityOf, tensorOf } from './tensor.ts';
import type { TorchFile } from './torchFile.ts';
import { Walk } from './walk.ts';
import { type ChosenTree, weightsIn } from './weights.ts';

/** The weights of a file, and what is needed to write it again. */
export interface TorchContents {
  readonly stateDict: StateDict;
  /** Each once, though it may have several names. */
  readonly parameters: readonly TorchParameter[];
  /** By their names, where the weights are those of pickled modules. */
  readonly modules: ReadonlyMap<string, ModuleParts>;
  /** Keys of what holds other weights than the model's, such as averages. */
  readonly others: readonly string[];
  /** State dicts of optimizers. */
  readonly optimizers: readonly PickleValue[];
}

/** Finds the weights among what a file holds. Throws fileDamaged, notATorchModel, tensorsOverlap. */
export async function contentsOf(torch: TorchFile): Promise<TorchContents> {
  const { tree, facts } = await knownOf(torch);
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
    others: tree.others,
    stateDict: {
      inOrder: true,
      withheld: tree.withheld,
      tensors: found.map(({ tensor, own }) =>
        own && !shared.has(own) ? { ...tensor, parameter: own } : tensor,
      ),
      ...(facts.size > 0 && { modules: facts }),
    },
  };
}

interface Known {
  readonly tree: ChosenTree;
  readonly facts: ReadonlyMap<string, ModuleFacts>;
}

/** The weights, and what is known of their modules; of those of a TorchScript archive also what its code says. */
async function knownOf({ path, root, script }: TorchFile): Promise<Known> {
  const walk = new Walk(path);
  const sources = await script?.sources();
  if (script?.isFrozen && sources) return frozenWeights(sources, root, walk);
  const tree = weightsIn(root, walk);
  const hasConstants = [...(sources?.values() ?? [])].some((source) => source.includes('CONSTANTS.c'));
  const integers = hasConstants ? integersIn(await script?.constants(), walk) : undefined;
  const beyond = sources && beyondModules(sources, integers);
  const inCode: Withheld[] = beyond === undefined ? [] : [{ name: beyond, why: 'inCode' }];
  const facts = factsOf(tree.modules, sources && scriptOptions(sources));
  return { tree: { ...tree, withheld: [...tree.withheld, ...inCode] }, facts };
}

/** What code calls the constants that are integers of no axes. */
function integersIn(constants: PickleValue | undefined, walk: Walk): Set<string> {
  return new Set(
    (walk.items(constants) ?? []).flatMap((value, i) => {
      const tensor = tensorOf(value);
      const isInteger = tensor?.shape.length === 0 && tensor.type.name === 'torch.int64';
      return isInteger ? [`CONSTANTS.c${i}`] : [];
    }),
  );
}

function factsOf(
  modules: ReadonlyMap<string, ModuleParts>,
  options: ReadonlyMap<string, ReadonlyMap<string, unknown>> | undefined,
): Map<string, ModuleFacts> {
  return new Map(
    [...modules].map(([path, { facts, className }]) => {
      const stated = options?.get(className) ?? new Map<string, unknown>();
      return [path, { ...facts, options: new Map([...stated, ...facts.options]) }];
    }),
  );
}
