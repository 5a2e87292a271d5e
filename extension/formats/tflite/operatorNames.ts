/** BuiltinOperator of schema.fbs (TensorFlow 2.21): those that are computed or named here. */
export const operatorNames: Readonly<Record<number, string>> = {
  0: 'ADD',
  2: 'CONCATENATION',
  3: 'CONV_2D',
  6: 'DEQUANTIZE',
  7: 'EMBEDDING_LOOKUP',
  9: 'FULLY_CONNECTED',
  14: 'LOGISTIC',
  16: 'LSTM',
  18: 'MUL',
  19: 'RELU',
  21: 'RELU6',
  22: 'RESHAPE',
  24: 'RNN',
  25: 'SOFTMAX',
  28: 'TANH',
  35: 'UNIDIRECTIONAL_SEQUENCE_RNN',
  36: 'GATHER',
  39: 'TRANSPOSE',
  40: 'MEAN',
  41: 'SUB',
  42: 'DIV',
  43: 'SQUEEZE',
  44: 'UNIDIRECTIONAL_SEQUENCE_LSTM',
  45: 'STRIDED_SLICE',
  46: 'BIDIRECTIONAL_SEQUENCE_RNN',
  50: 'LOG_SOFTMAX',
  52: 'BIDIRECTIONAL_SEQUENCE_LSTM',
  53: 'CAST',
  70: 'EXPAND_DIMS',
  82: 'REDUCE_MAX',
  105: 'REVERSE_V2',
  114: 'QUANTIZE',
  119: 'WHILE',
};

/** An operator as messages name it. */
export function operatorName(code: number, custom?: string): string {
  return custom ?? operatorNames[code] ?? `#${code}`;
}
