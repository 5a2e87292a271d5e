import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { descriptionEnding } from '../../extension/protocol/modelDescription.ts';
import { safetensorsFile, shardedFiles, smallStack } from './safetensorsFile.ts';

/** The layers of a state dict, named by PyTorch, as safetensors. */
export function oneStack(folder: string): string {
  const path = join(folder, 'stack.safetensors');
  writeFileSync(path, safetensorsFile(smallStack(), { format: 'pt' }));
  return path;
}

/** With a description of how the layers are connected beside it. */
export function describedStack(folder: string): string {
  const layers = [
    { embedding: 'emb' },
    { lstm: 'rnn', dropout: 0.5 },
    'last',
    { dropout: 0.25 },
    { linear: 'fc' },
    'softmax',
  ];
  writeFileSync(join(folder, `stack${descriptionEnding}`), JSON.stringify({ layers }));
  return oneStack(folder);
}

/** In two files, which an index lists. */
export function shardedStack(folder: string): string {
  const [main] = Object.entries(shardedFiles(smallStack())).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
  return main;
}
