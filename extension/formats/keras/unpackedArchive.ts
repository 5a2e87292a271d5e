import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Entry } from 'yauzl';
import { copyPlain } from '../copyPlain.ts';
import { Hdf5File } from '../hdf5/file.ts';
import { checkRebuild, writeRebuilt } from '../hdf5/rebuild.ts';
import { createScratch, type Scratch } from '../scratch.ts';
import type { ZipArchive } from '../zip/archive.ts';
import { writeStored } from '../zip/write.ts';
import { configEntry, weightsEntry } from './archiveEntries.ts';
import type { KerasSaveOptions } from './model.ts';
import { type KerasParameter, writeWeights } from './parameters.ts';
import { layoutFor, rebuildPurpose } from './shrink.ts';
import { optimizerGroup } from './weightsOnly/treeGroups.ts';

const unpackedName = 'weights.h5';
const largestWeights = 64 * 2 ** 30;
/** Deflate makes up to a thousand times as much of a few bytes. Weights that are nearly all zero come to a hundred. */
const mostInflated = 200;
/** So much fits on any disk, whatever it was packed to. */
const alwaysUnpacked = 2 ** 31;

/** A `.keras` archive whose weights lie unpacked, once: HDF5 reads by position. */
export class UnpackedArchive {
  readonly zip: ZipArchive;
  readonly weights: Hdf5File;
  readonly #path: string;
  readonly #scratch: Scratch;

  private constructor(path: string, zip: ZipArchive, scratch: Scratch, weights: Hdf5File) {
    this.#path = path;
    this.zip = zip;
    this.#scratch = scratch;
    this.weights = weights;
  }

  /** Closes the archive together with what was unpacked of it. Throws `UserError` fileDamaged, tooLarge, diskFull. */
  static async of(zip: ZipArchive, path: string): Promise<UnpackedArchive> {
    const scratch = await createScratch();
    try {
      const unpacked = scratch.file(unpackedName);
      const limit = Math.max(alwaysUnpacked, mostInflated * (await stat(path)).size);
      await zip.extract(zip.entry(weightsEntry, Math.min(limit, largestWeights)), unpacked);
      return new UnpackedArchive(path, zip, scratch, await Hdf5File.open(unpacked, path));
    } catch (error) {
      await scratch.remove();
      throw error;
    }
  }

  get hasOptimizerState(): boolean {
    return this.weights.keys(`${optimizerGroup}/vars`).length > 0;
  }

  async close(): Promise<void> {
    try {
      await this.weights.close();
    } finally {
      this.zip.close();
      await this.#scratch.remove();
    }
  }

  async checkRebuild(purpose: 'compress' | 'shrink'): Promise<void> {
    await checkRebuild(this.#scratch.file(unpackedName), rebuildPurpose(this.#path, purpose, optimizerGroup));
  }

  /**
   * The same entries in the same order, STORED; only the weights' bytes differ, and the configuration of a model that loses units or
   * layers.
   */
  async save(
    target: string,
    parameters: readonly KerasParameter[],
    { compress, rewritten, step }: KerasSaveOptions,
  ): Promise<void> {
    const scratch = this.#scratch;
    const edited = scratch.file('edited.h5');
    const rebuilt = scratch.file('rebuiltWeights.h5');
    try {
      await copyPlain(scratch.file(unpackedName), edited);
      await writeWeights(edited, parameters, this.#path, step);
      const purpose = rebuildPurpose(this.#path, rewritten ? 'shrink' : 'compress', optimizerGroup);
      const layout = layoutFor(purpose, rewritten);
      const rebuilds = compress || rewritten !== undefined;
      if (rebuilds) await writeRebuilt(edited, rebuilt, { ...purpose, ...layout, scratch, compress, step });
      const bytes = (entry: Entry): AsyncIterable<Buffer> => {
        if (entry.fileName === weightsEntry) return createReadStream(rebuilds ? rebuilt : edited);
        if (entry.fileName === configEntry && rewritten)
          return Readable.from([Buffer.from(rewritten.configText)]);
        return this.zip.bytes(entry);
      };
      await writeStored(
        target,
        this.zip.entries.map((entry) => ({ like: entry, bytes: () => bytes(entry) })),
      );
    } finally {
      // A model may be saved again, with other weights.
      for (const file of [edited, rebuilt]) await rm(file, { force: true });
    }
  }
}
