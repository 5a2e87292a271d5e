import type { Graph, ValueName } from '../model/graph.ts';
import type { Tensor } from '../model/tensor.ts';

/** A graph with its weights, ready to compute. */
export interface Session {
  /** The engine's name for reports. */
  readonly engine: string;
  /**
   * Computes the values named in `fetch` from the graph's inputs, all with the same batch size.
   * @param inputs one tensor for each graph input, in order
   */
  run(inputs: readonly Tensor[], fetch: readonly ValueName[]): Promise<Tensor[]>;
  /** Frees the weights. */
  dispose(): void;
}

/**
 * Reads the graph's weights, masks applied, into an engine. The engine is loaded on first use, so that whoever only
 * inspects never pays for it. Throws `UserError` where the graph's shapes do not fit together.
 */
export async function createSession(graph: Graph): Promise<Session> {
  const { createTensorflowSession } = await import('./tensorflowSession.ts');
  return createTensorflowSession(graph);
}
