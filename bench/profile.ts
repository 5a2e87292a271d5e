/** Where the time of a contender's steps goes, on its main thread. */
export interface Profile {
  /** Mean of the profiled steps. */
  readonly ms: number;
  /** Share of a step inside calls of kernels, waiting for their other threads included; absent where it is not known. */
  readonly kernels?: number;
  /** Share of each function in the samples, the largest first; together nearly 1. */
  readonly functions: readonly FunctionShare[];
}

export interface FunctionShare {
  readonly name: string;
  /** A file of ours, a package, or what Node itself names: `WebAssembly`, `(garbage collector)`. */
  readonly place: string;
  readonly share: number;
}

/** What the V8 profiler gives, as far as it is used here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples?: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas?: readonly number[];
}

/** Own time of each function as a share of all, the largest first. */
export function functionShares({ nodes, samples = [], timeDeltas = [] }: CpuProfile): FunctionShare[] {
  const keyOf = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => [
      id,
      JSON.stringify({ name: nameOf(functionName), place: placeOf(url) }),
    ]),
  );
  const times = new Map<string, number>();
  let total = 0;
  for (const [i, id] of samples.entries()) {
    const key = keyOf.get(id) as string;
    // The time before the next sample is spent in this one.
    const time = timeDeltas[i + 1] ?? 0;
    times.set(key, (times.get(key) ?? 0) + time);
    total += time;
  }
  return [...times]
    .map(([key, time]) => ({ ...JSON.parse(key), share: total === 0 ? 0 : time / total }))
    .sort((a, b) => b.share - a.share);
}

/** Kernels are named by their file and function. */
function nameOf(functionName: string): string {
  return functionName.replace(/^extension\/kernels\//, '') || '(anonymous)';
}

function placeOf(url: string): string {
  if (url.startsWith('wasm://')) return 'WebAssembly';
  const [, ofPackage] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  if (ofPackage !== undefined) return ofPackage;
  const [, ofOurs] = /\/(extension\/.*)$/.exec(url) ?? [];
  return ofOurs ?? (url.startsWith('node:') || url === '' ? 'Node' : 'bench');
}
