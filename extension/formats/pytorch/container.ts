import { UserError } from '../../protocol/userError.ts';
import { firstOf } from '../stateDict/firstOf.ts';
import type { TensorContainer } from '../stateDict/tensors.ts';
import type { TorchContents } from './contents.ts';
import { allMoments } from './optimizerState.ts';
import { sizeNotes } from './resizing.ts';
import { saveInPlace } from './save.ts';
import { checkShrinkable, saveShrunk } from './shrink.ts';
import type { TorchFile } from './torchFile.ts';

/** How a file of PyTorch's is written again. */
export function torchContainer(torch: TorchFile, contents: TorchContents): TensorContainer {
  return {
    path: torch.path,
    format: torch.format,
    bytes: torch.file.size,
    hasOptimizerState: contents.optimizers.length > 0,
    ...runnersNote(torch.runners),
    otherWeights: firstOf(contents.others),
    shrinksOptimizerState: true,
    masksOptimizerState: allMoments(torch, contents) !== undefined,
    save: (path, { kept, sizes = [], step }) =>
      kept
        ? saveShrunk(torch, contents, { kept, sizes, ...(step && { step }) }, path)
        : saveInPlace(torch, contents, path, step),
    checkRebuild: async (purpose, sizes) => {
      if (purpose === 'shrink') return checkShrinkable(torch, contents, sizes);
      const reason = { code: 'reasonTorchStored', args: {} } as const;
      throw new UserError('compressUnsupported', { file: torch.path }, reason);
    },
    ...(contents.modules.size > 0 && { sizeNotes: (sizes) => sizeNotes(contents, sizes) }),
    close: () => torch.close(),
  };
}

/** What is said of functions in a file's pickles that would run code; nothing where there are none. */
export function runnersNote(runners: readonly string[]): Pick<TensorContainer, 'fileNotes'> {
  const functions = firstOf([...new Set(runners)]);
  return functions.length > 0 ? { fileNotes: [{ code: 'noteRunners', args: { functions } }] } : {};
}
