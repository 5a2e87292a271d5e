import type { PickleValue } from '../pickle/values.ts';
import type { ModuleFacts, StateDict } from '../stateDict/tensors.ts';
import { frozenWeights } from './frozenWeights.ts';
import { type ModuleParts, moduleParts } from './moduleTree.ts';
import { isExpanded, overlapping } from './overlaps.ts';
import { type TorchParameter, torchParameter } from './parameters.ts';
import { type FoundTensor, joinedPairs } from './prunedPairs.ts';
import { checkReadable } from './readable.ts';
import { computedByCode, integersIn, moduleWeights } from './scriptComputed.ts';
import { ScriptProgram } from './scriptProgram.ts';
import type { Computed } from './scriptResult.ts';
import { identityOf } from './tensor.ts';
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
  const { tree, facts, computed } = await knownOf(torch);
  const byIdentity = new Map<string, TorchParameter>();
  const all: FoundTensor[] = [];
  for (const named of tree.tensors) {
    const { name, tensor } = named;
    const described = { name, shape: tensor.shape, dtype: tensor.type.name };
    const { dtype } = tensor.type;
    if (!dtype || isExpanded(named, torch.path)) {
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
      ...(computed && { computed }),
    },
  };
}

interface Known {
  readonly tree: ChosenTree;
  readonly facts: ReadonlyMap<string, ModuleFacts>;
  /** By the code of a TorchScript archive. */
  readonly computed?: Computed;
}

/** The weights, and what is known of their modules; of those of a TorchScript archive also what its code says. */
async function knownOf(torch: TorchFile): Promise<Known> {
  const { path, root, script } = torch;
  const walk = new Walk(path);
  if (!script) {
    const tree = weightsIn(root, walk);
    return { tree, facts: factsOf(tree.modules) };
  }
  const program = new ScriptProgram(await script.sources());
  const integers = program.holds('CONSTANTS.c') ? await integersIn(torch, walk) : new Map<string, number>();
  if (script.isFrozen) {
    const { tree, facts, weights } = frozenWeights(program, root, walk);
    const [className = ''] = program.classesWith('forward');
    const own = { ...weights, integers, weightsOf: () => [], optionOf: () => undefined };
    return { tree, facts, computed: computedByCode(program, className, own) };
  }
  const tree = weightsIn(root, walk);
  const own = { ...moduleWeights(tree), integers };
  const className = moduleParts(root, walk)?.className ?? '';
  return {
    tree,
    facts: factsOf(tree.modules),
    computed: computedByCode(program, className, own),
  };
}

function factsOf(modules: ReadonlyMap<string, ModuleParts>): Map<string, ModuleFacts> {
  return new Map([...modules].map(([path, { facts }]) => [path, facts]));
}
