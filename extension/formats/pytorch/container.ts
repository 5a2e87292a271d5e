import { UserError } from '../../protocol/userError.ts';
import type { TensorContainer } from '../stateDict/tensors.ts';
import type { TorchContents } from './contents.ts';
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
    shrinksOptimizerState: true,
    save: (path, { kept, step }) =>
      kept
        ? saveShrunk(torch, contents, kept, path, step)
        : saveInPlace(torch, contents.parameters, path, step),
    checkRebuild: async (purpose) => {
      if (purpose === 'shrink') return checkShrinkable(torch, contents);
      const reason = { code: 'reasonTorchStored', args: {} } as const;
      throw new UserError('compressUnsupported', { file: torch.path }, reason);
    },
    close: () => torch.close(),
  };
}
