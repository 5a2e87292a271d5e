import { torchContainer } from '../../../extension/formats/pytorch/container.ts';
import { contentsOf, type TorchContents } from '../../../extension/formats/pytorch/contents.ts';
import { openTorchFile } from '../../../extension/formats/pytorch/openTorch.ts';
import type { TensorContainer } from '../../../extension/formats/stateDict/tensors.ts';

export interface OpenedTorch extends TorchContents {
  readonly container: TensorContainer;
  readonly names: string[];
  /** The values of the parameter of this name. */
  read(name: string): Promise<number[]>;
}

/** What a file holds, opened while `use` runs. */
export async function withTorch<T>(path: string, use: (opened: OpenedTorch) => Promise<T>): Promise<T> {
  const torch = await openTorchFile(path);
  try {
    const contents = await contentsOf(torch);
    return await use({
      ...contents,
      container: torchContainer(torch, contents),
      names: contents.stateDict.tensors.map(({ name }) => name),
      read: async (name) => [...((await parameterOf(contents, name)?.read()) ?? [])],
    });
  } finally {
    await torch.close();
  }
}

export function parameterOf({ stateDict }: Pick<TorchContents, 'stateDict'>, name: string) {
  return stateDict.tensors.find((tensor) => tensor.name === name)?.parameter;
}
