import { concatSamples, sliceSamples } from '../data/shapes.ts';
import { createSession } from '../engine/createSession.ts';
import type { EngineOptions, Session } from '../engine/session.ts';
import type { Graph } from '../model/graph.ts';
import { asInFile, type Parameter } from '../model/parameter.ts';
import type { Tensor } from '../model/tensor.ts';
import { batchSize, inBatches } from './batches.ts';
import { targetForm } from './losses/targets.ts';
import { type GraphOutputKind, outputKind } from './output.ts';
import { type Teaching, taught } from './teaching.ts';

/** The original model, from whose outputs a training learns. */
export class Teacher {
  readonly session: Session;
  readonly teaching: Teaching;
  /** C: values in one row of outputs. */
  readonly width: number;
  readonly #graph: Graph;
  readonly #output: GraphOutputKind;

  constructor(session: Session, graph: Graph, teaching: Teaching) {
    this.session = session;
    this.teaching = teaching;
    this.#graph = graph;
    this.#output = outputKind(graph);
    const { shape } = this.#output;
    this.width = targetForm(shape, shape).width;
  }

  /** What the outputs for these samples should be; see `taught`. */
  async targets(inputs: readonly Tensor[]): Promise<Tensor> {
    const [count] = inputs[0].shape;
    const size = batchSize(this.session, this.#graph, inputs, count);
    const parts: Tensor[] = [];
    await inBatches(count, size, undefined, async (from, to) => {
      const batch = inputs.map((input) => sliceSamples(input, from, to));
      const [outputs] = await this.session.observe(batch, [this.#output.value]);
      parts.push(taught(outputs, this.teaching, this.width));
    });
    return concatSamples(parts);
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

/** Reads a model as it is in its file, whatever masks its parameters have, into an engine. Whoever asks disposes of it. */
export async function openTeacher(
  graph: Graph,
  parameters: Iterable<Parameter>,
  teaching: Teaching,
  engine: EngineOptions = {},
): Promise<Teacher> {
  return new Teacher(await asInFile(parameters, () => createSession(graph, engine)), graph, teaching);
}
