import type { GraphInput, GraphNode } from '../../../extension/model/graph.ts';
import type { Message } from '../../../extension/protocol/messages.ts';
import { type StoredWeight, writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { weight, withModel } from './open.ts';

const write = scratchFiles();

export interface LayerJson {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** An LSTM, GRU or SimpleRNN of two units called `rnn`. */
export const recurrent = (className: string, config: Record<string, unknown> = {}): LayerJson => ({
  class_name: className,
  config: {
    name: 'rnn',
    units: 2,
    activation: 'tanh',
    recurrent_activation: 'sigmoid',
    return_sequences: true,
    ...config,
  },
});

/** Its arrays. */
export function arrays(className: string, inputs: number, name = 'rnn'): StoredWeight[] {
  const width = { LSTM: 8, GRU: 6, SimpleRNN: 2 }[className] as number;
  return [
    weight(`${name}/kernel:0`, inputs, width),
    weight(`${name}/recurrent:0`, 2, width),
    weight(`${name}/bias:0`, width),
  ];
}

export type Weights = Readonly<Record<string, readonly StoredWeight[]>>;

export interface Lowered {
  readonly inputs: readonly GraphInput[];
  readonly nodes: readonly GraphNode[];
  readonly assumptions?: readonly Message[] | undefined;
  readonly notEvaluable?: Message | undefined;
  readonly trainingNotes?: readonly Message[] | undefined;
  readonly mask?: string | undefined;
}

/** The graph of a Sequential model of these layers over x [B, 4, 3], or why there is none. */
export function lowered(
  layers: readonly LayerJson[],
  weights: Weights,
  kerasVersion = '2.3.1',
): Promise<Lowered> {
  const first = { ...layers[0], config: { batch_input_shape: [null, 4, 3], ...layers[0].config } };
  const config = { class_name: 'Sequential', config: { name: 's', layers: [first, ...layers.slice(1)] } };
  return loweredModel(config, weights, kerasVersion);
}

/** The graph of a model, or why there is none. */
export async function loweredModel(config: object, weights: Weights, kerasVersion: string): Promise<Lowered> {
  const path = await writeKerasH5(write('lowered.h5', ''), {
    config,
    kerasVersion,
    layers: Object.entries(weights).map(([name, own]) => ({ name, weights: own })),
  });
  return withModel(path, ({ graph, notEvaluable, trainingNotes }) => ({
    inputs: graph?.inputs ?? [],
    nodes: graph?.nodes ?? [],
    assumptions: graph?.assumptions,
    notEvaluable,
    trainingNotes,
    mask: graph?.outputs[0].mask,
  }));
}

/** Operators in order, `>` between them. */
export async function operators(...args: Parameters<typeof lowered>): Promise<string> {
  return (await lowered(...args)).nodes.map(({ op }) => op).join(' > ');
}
