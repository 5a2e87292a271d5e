import type { Cell } from '../../../protocol/report.ts';
import { entryOf } from '../../entryOf.ts';
import type { OnnxNode } from '../proto.ts';

/** ONNX' own operators, and what ONNX Runtime's quantize_dynamic makes of an LSTM. */
const cells: Readonly<Record<string, Cell>> = {
  LSTM: 'LSTM',
  GRU: 'GRU',
  RNN: 'RNN',
  'com.microsoft.DynamicQuantizeLSTM': 'LSTM',
};

/** The cell of a recurrent node; undefined of others. */
export function cellOf({ domain, opType }: OnnxNode): Cell | undefined {
  const operator = domain === '' ? opType : `${domain}.${opType}`;
  return entryOf(cells, operator);
}
