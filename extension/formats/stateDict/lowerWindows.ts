import type { GateView } from '../../model/gateView.ts';
import type { Parameter } from '../../model/parameter.ts';
import type { DescribedModule, PickLayer, PoolLayer } from '../../protocol/modelDescription.ts';
import { UserError } from '../../protocol/userError.ts';
import type { GraphBuilder } from './graphBuilder.ts';

/** torch.nn.Conv1d over the steps, with its weights [F, C / groups, K] and [F]. Throws `UserError` where it cannot stand there. */
export function lowerConvolution(
  { name, stride = 1, padding = 0, dilation = 1, groups = 1 }: DescribedModule,
  place: string,
  { weight, bias }: { readonly weight: Parameter; readonly bias: Parameter | undefined },
  builder: GraphBuilder,
): void {
  const [rows, columns, size] = weight.shape;
  builder.begin({ width: columns * groups });
  checkSteps(place, builder);
  const reach = (size - 1) * dilation;
  const before = padding === 'same' ? Math.floor(reach / 2) : padding;
  const taps = Array.from(
    { length: size },
    (_, step): GateView => ({
      parameter: weight,
      rows,
      columns,
      offset: step,
      rowStride: columns * size,
      columnStride: size,
    }),
  );
  builder.through(name, {
    op: 'Conv',
    taps,
    ...(bias && { bias }),
    groups,
    stride,
    dilation,
    // PyTorch has the odd step at the end, too.
    padding: [before, padding === 'same' ? reach - before : padding],
    spread: 1,
  });
}

/** torch.nn.MaxPool1d and AvgPool1d over the steps; steps beyond them count in means as 0. */
export function lowerPooling(layer: PoolLayer, place: string, builder: GraphBuilder): void {
  checkSteps(place, builder);
  const isMax = 'maxPool' in layer;
  const size = isMax ? layer.maxPool : layer.averagePool;
  const { stride = size, padding = 0 } = layer;
  if (padding > size / 2)
    throw new UserError('invalidValue', {
      option: `${place}.padding`,
      value: String(padding),
      expected: { code: 'expectedWholeBetween', args: { low: 0, high: Math.floor(size / 2) } },
    });
  builder.through(isMax ? 'maxPool' : 'averagePool', {
    size,
    stride,
    padding: [padding, padding],
    ...(isMax ? { op: 'MaxPool' } : { op: 'AveragePool', countPadding: true }),
  });
}

/** One step, or some of them behind each other. Throws `UserError` where there are none, or padding. */
export function lowerPick(layer: PickLayer, place: string, builder: GraphBuilder): void {
  checkSteps(place, builder);
  if ('from' in layer) {
    const { from: begin, to: end } = layer;
    builder.through('slice', { op: 'Slice', axis: 1, begin, ...(end !== undefined && { end }) });
    return;
  }
  const { value } = builder.flow;
  const output = builder.node('step', [value], { op: 'Select', axis: 1, index: layer.step });
  builder.goOn({ value: output, isSequence: false });
}

function checkSteps(layer: string, { flow, mask }: GraphBuilder): void {
  if (!flow.isSequence) throw new UserError('reasonNoSteps', { layer });
  if (mask !== undefined) throw new UserError('reasonWindowPadding', { layer });
}
