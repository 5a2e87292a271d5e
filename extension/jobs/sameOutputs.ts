import type { Graph, GraphNode } from '../model/graph.ts';
import { Random } from '../model/random.ts';
import type { Tensor } from '../model/tensor.ts';
import { type OriginalOutputs, originalOutputs, outputsOn } from '../training/compareOutputs.ts';
import { defaultSeed } from '../training/defaults.ts';
import { largestDifference } from '../training/largestDifference.ts';
import { paddedInputs } from '../training/paddedInputs.ts';

/** Outputs that differ nowhere by more, of their standard deviation, are of one model; rounding usually leaves a hundredth of it. */
const near = 1e-4;
/** Or nowhere by more than so many times what rounding does to the original itself. */
const roundings = 10;
/** Of a float32: the distance to its neighbour, relative. */
const rounding = 2 ** -23;

type Options = Parameters<typeof outputsOn>[3];

/** What a graph makes of seeded inputs, half of which end in padding; undefined where no inputs can be made. */
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
 * Whether outputs are of one model, masked steps included. A recurrent layer whose gates are driven hard makes more of every rounding at each
 * step: what inputs and embedded tokens that are rounded once do to the original shows by how much.
 */
export async function sameness(
  graph: Graph,
  original: OriginalOutputs,
  outputs: Tensor,
  engine: Options,
): Promise<Sameness> {
  const difference = largestDifference(original.outputs, outputs);
  if (difference <= near) return { same: true, difference };
  const inputs = original.inputs.map((input) =>
    input.data instanceof Float32Array
      ? { ...input, data: input.data.map((one) => one * (1 + rounding)) }
      : input,
  );
  const moved = await outputsOn({ ...original, inputs }, tokensRounded(graph), undefined, engine);
  const rounded = largestDifference(original.outputs, moved);
  return { same: difference <= roundings * rounded, difference, rounded };
}

/** The graph with what it looks up in tables rounded once. */
function tokensRounded(graph: Graph): Graph {
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (node.op !== 'Gather') return [node];
    const [output] = node.outputs;
    const exact = `${output} exact`;
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
