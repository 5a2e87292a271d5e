import type { Model } from '../model/model.ts';
import type { MessageCode } from '../protocol/messages.ts';
import type { ProbeResult } from '../protocol/requests.ts';

/** What a model that was made from another has of it, as far as files do not say it. */
export type Origin = Pick<Model, 'path' | 'described'>;

/** One format: files in, models out. Writing goes through `Model.save`, back into the file's own layout. */
export interface Format {
  /** Suffixes of its files, the longest first; compound ones stay whole in output names. */
  readonly suffixes: readonly string[];
  /**
   * Whether a file with one of the suffixes is of this format, by a few of its bytes; for suffixes that formats share. One that stands
   * last and has none opens what no other took, and says what is wrong with it.
   */
  match?(path: string): Promise<boolean>;
  /** What a file with one of its suffixes is expected to be, for people: said where it holds something else. */
  readonly expected?: MessageCode;
  /** What its own files hold by `contentKind`, where that is not nothing in particular. */
  readonly holds?: readonly MessageCode[];
  /** Of a format whose models may be folders: the one of these names that is opened; undefined where the folder is no such model. */
  mainFile?(names: readonly string[]): string | undefined;
  /** A quick look that reads no weights. Throws `UserError` like `open`, noRecurrentLayers among them. */
  probe(path: string): Promise<ProbeResult>;
  /**
   * Opens a file of this format. Throws `UserError` where it is damaged or is no model.
   * @param origin where files of the user's may stand beside that say what this one does not: itself, or the model that it was made from
   */
  open(path: string, origin: Origin): Promise<Model>;
}
