import type { Pass } from './configurations.ts';
import type { FunctionShare } from './profile.ts';

export type EngineName = 'wasm' | 'tensorflow';
export type PeerName = 'pytorch' | 'keras' | 'onnxruntime' | 'tfjs-node' | 'tfjs-wasm' | 'tfjs-cpu';

/** What was computed, and by which engine of ours. */
export interface Case {
  /** The configuration's letter. */
  readonly config: string;
  readonly pass: Pass;
  /** Share of zeros in the recurrent layers' kernels of ours; the peer is dense. */
  readonly sparsity: number;
  /** Of ours and of the peer. */
  readonly threads: number;
  readonly engine: EngineName;
}

/** One engine of ours and one peer, measured in turns. Times are milliseconds of one step, medians but for the `min`. */
export interface Row extends Case {
  readonly ms: number;
  readonly min: number;
  readonly peer: PeerName;
  readonly peerMs: number;
  readonly peerMin: number;
  /** peerMs / ms: above 1 ours is faster. */
  readonly ratio: number;
}

/** Where the time of ours goes. */
export interface ProfiledCase extends Case {
  readonly ms: number;
  /** Share of a step outside the calls of kernels: copies and bookkeeping. */
  readonly overhead?: number;
  /** The largest ones. */
  readonly functions: readonly FunctionShare[];
}

export interface Environment {
  readonly date: string;
  /** With the widest vectors that it has. */
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The beginning of `kernelSourcesHash`; earlier runs do not have it. */
  readonly kernels?: string;
  /** Measurements behind each median. */
  readonly runs: number;
  /** What each contender chose, by config, pass and threads. */
  readonly settings: Readonly<Record<string, string>>;
  /** What was left out, and why. */
  readonly notes: readonly string[];
  readonly minutes: number;
}

export interface Results {
  readonly environment: Environment;
  readonly rows: readonly Row[];
  readonly profiles: readonly ProfiledCase[];
}
