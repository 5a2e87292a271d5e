import { floatWeights, type TfjsModel, type TfjsWeight } from './tfjsModel.ts';

/** One operation of a TensorFlow graph as a graph model writes it. */
export function node(op: string, name: string, input: readonly string[] = [], attr: object = {}): object {
  return { name, op, input, attr };
}

function constant({ name }: TfjsWeight): object {
  return node('Const', name);
}

/**
 * A graph model with an LSTM in a loop that is a function, I = 3 and H = 5: kernel and recurrent kernel come in as the loop's arguments, as
 * TensorFlow 2 freezes Keras' layers.
 */
export function smallGraphModel(seed = 1): TfjsModel {
  const weight = floatWeights(seed);
  const kernel = weight('model/lstm/lstm_cell/kernel_value', 3, 20);
  const recurrent = weight('model/lstm/lstm_cell/recurrent_value', 5, 20);
  const bias = weight('model/lstm/lstm_cell/bias_value', 20);
  const weights = [kernel, recurrent, bias];
  const cell = 'model/lstm/while/lstm_cell';
  const body = {
    signature: {
      name: 'body',
      inputArg: ['time', 'state', 'sequence', 'kernel', 'recurrent', 'bias'].map((name) => ({ name })),
    },
    nodeDef: [
      node('TensorListGetItem', `${cell}/input`, ['sequence', 'time']),
      node('Identity', `${cell}/read`, ['kernel']),
      node('MatMul', `${cell}/MatMul`, [`${cell}/input:item:0`, `${cell}/read:output:0`]),
      node('MatMul', `${cell}/MatMul_1`, ['state', 'recurrent']),
      node('AddV2', `${cell}/add`, [`${cell}/MatMul:product:0`, `${cell}/MatMul_1:product:0`]),
      node('BiasAdd', `${cell}/BiasAdd`, [`${cell}/add:z:0`, 'bias']),
      node('Tanh', `${cell}/Tanh`, [`${cell}/BiasAdd:output:0`]),
    ],
  };
  const inputs = ['time', 'state', 'sequence', ...weights.map(({ name }) => name)];
  const loop = node('StatelessWhile', 'model/lstm/while', inputs, { body: { func: { name: 'body' } } });
  return {
    topology: {
      node: [...weights.map(constant), node('Placeholder', 'sequence'), loop],
      library: { function: [body] },
    },
    groups: [weights],
    about: { format: 'graph-model' },
  };
}
