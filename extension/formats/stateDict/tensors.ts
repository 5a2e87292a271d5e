import type { Parameter } from '../../model/parameter.ts';
import type { KeptIndices } from '../../model/shrinking.ts';
import type { Message } from '../../protocol/messages.ts';
import type { DescribedLayer } from '../../protocol/modelDescription.ts';
import type { ModuleSize } from './moduleSizes.ts';

/** One entry of a flat list of named tensors, such as PyTorch's `state_dict()`. */
export interface NamedTensor {
  /** As the modules call it: `encoder.rnn.weight_ih_l0`; prefixes of whole checkpoints (`state_dict.`, `module.`) are not among it. */
  readonly name: string;
  readonly shape: readonly number[];
  /** As the file calls its type: `F32`, `torch.int64`. */
  readonly dtype: string;
  /**
   * Its values, where they are numbers that can be weights; absent of what is only carried along, such as `num_batches_tracked`. Names
   * that are tied have one object, whose name is that of the first.
   */
  readonly parameter?: Parameter;
}

/** What a file tells of one module beside its tensors, as a whole pickled module does. */
export interface ModuleFacts {
  /** Without its package: `LSTM`, `Linear`, `Sequential`. */
  readonly className: string;
  /** The plain values among its attributes: `batch_first`, `nonlinearity`, `dropout`, `eps`, … */
  readonly options: ReadonlyMap<string, unknown>;
}

/** What a file holds of a model that is not among its named tensors. Where it is of its weights, no graph of these alone is the model. */
export interface Withheld {
  /** Of the module; of what is unread or aside that of the tensor. `''` is the root. */
  readonly name: string;
  /**
   * Weights that are packed by quantization; of a kind, such as sparse, or a type that is not read; or outside of all that a state dict
   * lists. Aside are plain tensors among a module's attributes, which are no weights.
   */
  readonly why: 'packed' | 'unread' | 'unlisted' | 'aside';
}

/** A flat list of named tensors, and what the file says of them. */
export interface StateDict {
  /** In the file's order. */
  readonly tensors: readonly NamedTensor[];
  /** The file's order is that in which the modules were made; safetensors sorts by name. */
  readonly inOrder: boolean;
  /**
   * By the modules' names in the order of the parent's list, children behind their parents; `''` is the root. Absent where the file knows
   * none.
   */
  readonly modules?: ReadonlyMap<string, ModuleFacts>;
  readonly withheld?: readonly Withheld[];
  /** What the file's code computes, where it has some: layers one behind the other, or the first thing that is more than that: an operator or a name of the code, or the word of a statement. */
  readonly computed?:
    | {
        readonly layers: readonly DescribedLayer[];
        /** The code takes data with the steps before the samples. */
        readonly stepsFirst: boolean;
        /** The code takes data with the features before the steps. */
        readonly isFeaturesFirst?: boolean;
        /** Axes of what the code puts out, and in which order they are here: B samples, T steps, C values, B·T both in one axis. */
        readonly axes?: { readonly code: readonly string[]; readonly own: readonly string[] };
      }
    | { readonly beyond: string };
}

/** How trained values, masks and removed units go back into a container. */
export interface TensorSaveOptions {
  /** By the name of a parameter, the indices that stay along each of its axes; others stay whole. Absent where no units leave. */
  readonly kept?: ReadonlyMap<string, KeptIndices>;
  /** What becomes of the sizes that modules were made with, those that stay among them. */
  readonly sizes?: readonly ModuleSize[];
  /** Called between parameters; throws to stop. */
  readonly step?: () => Promise<void>;
}

/** The file, or files, that a state dict lies in. */
export interface TensorContainer {
  readonly path: string;
  /** For people: "PyTorch", "safetensors". */
  readonly format: string;
  /** Size of all its files. */
  readonly bytes: number;
  /** Of several files, the main one first, and the name that this has in the folder that `save` writes. */
  readonly files?: readonly string[];
  readonly folder?: string;
  /** The file holds optimizer state beside the weights. */
  readonly hasOptimizerState: boolean;
  /** What people must know of the file itself, whatever is done with it. */
  readonly fileNotes?: readonly Message[];
  /** What else in the file holds weights, such as averages of these, which stay as they are. */
  readonly otherWeights?: readonly string[];
  /** Optimizer state loses the units that its weights lose; else a file that holds some cannot lose any. */
  readonly shrinksOptimizerState?: boolean;
  /** Where weights are masked, so are their moments in the optimizer state; else it stays as it was. */
  readonly masksOptimizerState?: boolean;
  /**
   * Writes a copy to a path that does not exist, with the parameters' trained values and masks applied and cut to the kept indices; all
   * that did not change keeps its bytes as far as the container allows.
   */
  save(path: string, options: TensorSaveOptions): Promise<void>;
  /**
   * Throws `UserError` compressUnsupported or shrinkUnsupported where `save` could not.
   * @param sizes of the modules, as they are
   */
  checkRebuild(purpose: 'compress' | 'shrink', sizes: readonly ModuleSize[]): Promise<void>;
  /** What to say of sizes that changed, where the file itself holds modules with their sizes; else the user's code alone has them. */
  sizeNotes?(sizes: readonly ModuleSize[]): Message[];
  close(): Promise<void>;
}
