import type { WireReader } from '../../protobuf/reader.ts';
import type { ExternalFiles } from '../externalFiles.ts';

/** Where a model is read from: its own file, and the files beside it that hold values of tensors. */
export interface Source {
  readonly reader: WireReader;
  readonly external: ExternalFiles;
  /** Names the model in messages. */
  readonly shownAs: string;
}

/** Graphs inside of graphs inside of graphs: protobuf's own readers stop at a hundred messages, of which each graph takes three. */
export const deepestGraph = 32;
