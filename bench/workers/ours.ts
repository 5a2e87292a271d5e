// The project's own engines as a contender: `node ours.ts ENGINE THREADS [FOLDER]`, FOLDER of tfjs-node's packages.
import { createSession, createTrainingSession } from '../../extension/engine/createSession.ts';
import type { EngineOptions, Session } from '../../extension/engine/session.ts';
import { graphOf } from '../graph.ts';
import { readWorkload, tensorOf } from '../workload.ts';
import { profileSteps } from './profileSteps.ts';
import { meanSquare, type Prepared, serve } from './serve.ts';

const [engine, threads, tensorflow] = process.argv.slice(2);
const options: EngineOptions = {
  engine: engine as 'wasm' | 'tensorflow',
  threads: Number(threads),
  ...(tensorflow !== undefined && { tensorflow }),
};
const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

await serve(
  { node: process.versions.node },
  async ({ configuration, pass, folder, sparsity }) => {
    const workload = readWorkload(folder);
    const graph = graphOf(configuration, workload, pass, sparsity);
    const inputs = graph.inputs.map(({ name }) => tensorOf(workload, name));
    if (pass === 'forward') {
      const session = await createSession(graph, options);
      const step = () => session.forward(inputs);
      const [logits] = await step();
      return prepared(session, meanSquare(logits.data), step);
    }
    const session = await createTrainingSession(graph, { ...options, optimizer: adam });
    const step = () => session.step({ inputs }, { learningRate: 1e-3 });
    const { loss } = await step();
    return prepared(session, loss, step);
  },
  profileSteps,
);

function prepared(session: Session, value: number, step: () => Promise<unknown>): Prepared {
  const fallback = session.notes.find(({ code }) => code === 'noteEngineFallback');
  if (fallback)
    throw new Error(`${engine} did not suffice: ${session.engine} would be measured under its name`);
  return { setting: session.engine, value, step, dispose: () => session.dispose() };
}
