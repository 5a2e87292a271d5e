import type { GateView } from '../../../model/gateView.ts';
import { type Parameter, sizeOf } from '../../../model/parameter.ts';
import { gatesOf, type RecurrentLayer } from '../../../model/recurrentLayer.ts';
import type { GateName } from '../../../protocol/report.ts';
import type { FoundCell, GateBlock } from './cells.ts';

/** The recurrent layer that a cell in a loop is: views of its gates in the constants of the graph. */
export function cellLayer(
  found: FoundCell,
  name: string,
  parameters: ReadonlyMap<string, Parameter>,
): RecurrentLayer | undefined {
  const { cell, hiddenSize, kernel, recurrent } = found;
  const weights = [...kernel, ...recurrent, ...found.biases].map(({ weight }) => parameters.get(weight));
  if (!weights.every((weight) => weight !== undefined)) return undefined;
  const view = (blocks: readonly GateBlock[], gate: GateName): GateView[] =>
    blocks.flatMap((block) => {
      const parameter = parameters.get(block.weight);
      return parameter && block.gates.includes(gate) ? [blockView(block, gate, parameter, hiddenSize)] : [];
    });
  const gates = gatesOf[cell].map((gate) => {
    const biases = found.biases.flatMap(({ weight, gates: own }) => {
      const parameter = parameters.get(weight);
      return parameter && own.includes(gate) ? biasViews(parameter, own, gate, hiddenSize) : [];
    });
    return { name: gate, kernel: view(kernel, gate)[0], recurrent: view(recurrent, gate)[0], biases };
  });
  if (gates.some((gate) => !gate.kernel || !gate.recurrent)) return undefined;
  const { columns: inputSize } = gates[0].kernel;
  return {
    name,
    cell,
    direction: name.endsWith('/backward') ? 'backward' : 'forward',
    inputSize,
    hiddenSize,
    gates,
    zeroPreserving: found.zeroPreserving,
  };
}

function blockView(
  { firstRow, rows, gates }: GateBlock,
  gate: GateName,
  parameter: Parameter,
  hidden: number,
): GateView {
  const width = gates.length * hidden;
  return {
    parameter,
    rows: hidden,
    columns: rows,
    offset: firstRow * width + gates.indexOf(gate) * hidden,
    rowStride: 1,
    columnStride: width,
  };
}

function biasViews(
  parameter: Parameter,
  gates: readonly GateName[],
  gate: GateName,
  hidden: number,
): GateView[] {
  const width = gates.length * hidden;
  return Array.from({ length: sizeOf(parameter.shape) / width }, (_, v) => ({
    parameter,
    rows: hidden,
    columns: 1,
    offset: v * width + gates.indexOf(gate) * hidden,
    rowStride: 1,
    columnStride: 1,
  }));
}
