import type { Graph, GraphNode } from '../model/graph.ts';
import { Random } from '../model/random.ts';
import type { Tensor } from '../model/tensor.ts';
import { type OriginalOutputs, originalOutputs, outputsOn } from '../training/compareOutputs.ts';
import { defaultSeed } from '../training/defaults.ts';
import { largestDifference } from '../training/largestDifference.ts';
import { paddedInputs, paddingOf } from '../training/paddedInputs.ts';

/** Outputs that differ nowhere by more, of their standard deviation, are of one model; rounding usually leaves a hundredth of it. */
const near = 1e-4;
/** Or nowhere by more than so many times what rounding does to the original itself. */
const roundings = 10;
/** Of a float32: the distance to its neighbour, relative. */
const rounding = 2 ** -23;

type Options = Parameters<typeof outputsOn>[3];

/**
 * What a graph makes of seeded inputs, of which token ids, and sequences that a mask reads directly, end in padding in every second sample,
 * and given lengths are those of shorter sequences, too; undefined where no inputs can be made.
 */
export async function paddedOutputs(
  graph: Graph,
  step?: (done: number) => Promise<void>,
  engine?: Options,
): Promise<OriginalOutputs | undefined> {
  return originalOutputs(graph, defaultSeed, step, engine, (inputs) =>
    paddedInputs(graph, inputs, new Random(defaultSeed)),
  );
}

export interface Sameness {
  readonly same: boolean;
  /** The largest difference, of the standard deviation of the original's outputs. */
  readonly difference: number;
  /** The same of what a rounding of the inputs does to the original, where that was asked. */
  readonly rounded?: number;
}

/**
 * Whether outputs are of one model, masked steps included. A recurrent layer whose gates are driven hard amplifies every rounding at each
 * step: what inputs and embedded tokens that are rounded once do to the original shows by how much. Undefined where the original puts out
 * no number at all, so that nothing can be told.
 */
export async function sameness(
  graph: Graph,
  original: OriginalOutputs,
  outputs: Tensor,
  engine: Options,
): Promise<Sameness | undefined> {
  const difference = largestDifference(original.outputs, outputs);
  if (Number.isNaN(difference)) return undefined;
  if (difference <= near) return { same: true, difference };
  const inputs = original.inputs.map((input, i) => roundedOnce(input, paddingOf(graph, graph.inputs[i])));
  const moved = await outputsOn({ ...original, inputs }, tokensRounded(graph), undefined, engine);
  const rounded = largestDifference(original.outputs, moved);
  // A rounding after which the original puts out no number excuses nothing.
  const same = Number.isFinite(rounded) && difference <= roundings * rounded;
  return { same, difference, rounded };
}

/** Floats one rounding off. Padding stays as it is, or no mask would find it. */
function roundedOnce(input: Tensor, padding: number | undefined): Tensor {
  if (!(input.data instanceof Float32Array)) return input;
  const kept = padding === undefined ? undefined : Math.fround(padding);
  return { ...input, data: input.data.map((one) => (one === kept ? one : one * (1 + rounding))) };
}

/** The graph with what it looks up in tables rounded once, but for masks, which look for a value. */
function tokensRounded(graph: Graph): Graph {
  const looked = new Set(graph.nodes.flatMap(({ op, outputs }) => (op === 'Gather' ? outputs : [])));
  const exactly = (value: string) => `${value} exact`;
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (node.op === 'NotEqualMask' && looked.has(node.inputs[0])) {
      return [{ ...node, inputs: [exactly(node.inputs[0])] }];
    }
    if (node.op !== 'Gather') return [node];
    const [output] = node.outputs;
    const exact = exactly(output);
    return [
      { ...node, outputs: [exact] },
      {
        op: 'Scale',
        factor: 1 + rounding,
        inputs: [exact],
        outputs: [output],
        origin: node.origin,
      },
    ];
  });
  return { ...graph, nodes };
}
