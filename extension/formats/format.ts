import type { Model } from '../model/model.ts';
import type { ProbeResult } from '../protocol/requests.ts';

/** One format: files in, models out. Writing goes through `Model.save`, back into the file's own layout. */
export interface Format {
  /** Suffixes of its files, the longest first; compound ones stay whole in output names. */
  readonly suffixes: readonly string[];
  /** A quick look that reads no weights. Throws `UserError` like `open`, noRecurrentLayers among them. */
  probe(path: string): Promise<ProbeResult>;
  /** Opens a file of this format. Throws `UserError` where it is damaged or is no model. */
  open(path: string): Promise<Model>;
}
