import type { GateView } from '../../model/gateView.ts';
import type { Parameter } from '../../model/parameter.ts';
import { type Gate, gatesOf, type RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Cell, GateName } from '../../protocol/report.ts';
import { UserError } from '../../protocol/userError.ts';
import { checkShape } from '../checkShape.ts';
import type { NamedTensor } from './tensors.ts';

/** One `nn.LSTM`, `nn.GRU` or `nn.RNN`, whose layers lie on each other, or one of their cells. */
export interface RecurrentModule {
  /** Name of the module; `''` where the state dict is its own. */
  readonly path: string;
  readonly cell: Cell;
  /** From the input on: the directions of each, forward first. */
  readonly layers: readonly (readonly [RecurrentLayer, RecurrentLayer?])[];
  readonly tensors: readonly NamedTensor[];
}

/** In PyTorch's rows [G·H]: LSTM i, f, g (our c), o; GRU r, z, n (our h). */
const fileOrder = {
  LSTM: ['i', 'f', 'c', 'o'],
  GRU: ['r', 'z', 'h'],
  RNN: ['h'],
} as const satisfies Record<Cell, readonly GateName[]>;

const cellOfGates = new Map<number, Cell>([
  [4, 'LSTM'],
  [3, 'GRU'],
  [1, 'RNN'],
]);

/** `rnn.weight_hh_l0_reverse`: the module, the layer, the direction; a cell has neither of the last two. */
const recurrentName = /^(?:(.+)\.)?weight_hh(?:_l(0|[1-9]\d{0,3})(_reverse)?)?$/s;

/** What weights are computed from by torch.nn.utils.prune, weight_norm, parametrize and weight dropout. */
const computedName =
  /^(?:.+\.)?(?:weight_(?:ih|hh|hr)(?:_l\d+(?:_reverse)?)?_(?:orig|[gv]|raw)|parametrizations\.weight_(?:ih|hh|hr).*)$/s;

/**
 * The recurrent modules of a state dict, told by names and shapes (torch.nn.LSTM, `weight_ih_l[k]`, …): 4H, 3H or H rows of the recurrent
 * kernel [G·H, H], or [4H, P] with a projection weight_hr [P, H], say which cell it is. Throws `UserError` weightShape where tensors
 * of these names do not fit together, dtypeUnsupported where they are no floats, weightParametrised where they are computed from others.
 */
export function recurrentModules(tensors: readonly NamedTensor[], file: string): RecurrentModule[] {
  const computed = tensors.find(({ name }) => computedName.test(name));
  if (computed) throw new UserError('weightParametrised', { file, parameter: computed.name });
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const found = new Map<string, { layers: Map<number, Direction[]>; cell: Cell }>();
  for (const { name } of tensors) {
    const [whole, path = '', layer, reverse] = recurrentName.exec(name) ?? [];
    if (whole === undefined) continue;
    const direction = directionOf({ path, layer, reverse: reverse !== undefined }, byName, file);
    if (!direction) continue;
    const module = found.get(path) ?? { layers: new Map(), cell: direction.layer.cell };
    found.set(path, module);
    const index = Number(layer ?? 0);
    module.layers.set(index, [...(module.layers.get(index) ?? []), direction]);
  }
  return [...found].map(([path, { layers, cell }]) => {
    const sorted = [...layers].sort(([a], [b]) => a - b).map(([, directions]) => directions);
    return {
      path,
      cell,
      layers: sorted.map((directions) => both(directions.map(({ layer }) => layer))),
      tensors: sorted.flat().flatMap((direction) => direction.tensors),
    };
  });
}

interface Direction {
  readonly layer: RecurrentLayer;
  readonly tensors: readonly NamedTensor[];
}

function both(layers: readonly RecurrentLayer[]): [RecurrentLayer, RecurrentLayer?] {
  const [first, second] = layers;
  if (!second) return [first];
  return first.direction === 'forward' ? [first, second] : [second, first];
}

interface Place {
  readonly path: string;
  readonly layer: string | undefined;
  readonly reverse: boolean;
}

/** Undefined where there is no input kernel beside, or no cell has so many gates: these are other modules' names then. */
function directionOf(
  place: Place,
  byName: ReadonlyMap<string, NamedTensor>,
  file: string,
): Direction | undefined {
  const ending = place.layer === undefined ? '' : `_l${place.layer}${place.reverse ? '_reverse' : ''}`;
  const prefix = place.path === '' ? '' : `${place.path}.`;
  const tensorOf = (role: string) => byName.get(`${prefix}${role}${ending}`);
  const [ih, hh, hr] = ['weight_ih', 'weight_hh', 'weight_hr'].map(tensorOf);
  if (!ih || !hh) return undefined;
  const [rows = 0, outputs = 0] = hh.shape;
  const hidden = hr ? (hr.shape[1] ?? 0) : outputs;
  const gates = hidden > 0 ? rows / hidden : 0;
  const cell = cellOfGates.get(gates);
  if (!cell || (hr && cell !== 'LSTM') || hh.shape.length !== 2) return undefined;
  const biases = ['bias_ih', 'bias_hh'].flatMap((role) => tensorOf(role) ?? []);
  checkShape(ih, [rows, null], file);
  if (hr) checkShape(hr, [outputs, hidden], file);
  for (const bias of biases) checkShape(bias, [rows], file);
  const weights = [ih, hh, ...biases, ...(hr ? [hr] : [])];
  const [kernel, recurrent, ...others] = weights.map((tensor) => parameterOf(tensor, file));
  const vectors = others.slice(0, biases.length);
  const projection = hr && others.at(-1);
  const view = (parameter: Parameter, gate: number): GateView => {
    const [, columns = 1] = parameter.shape;
    return {
      parameter,
      rows: hidden,
      columns,
      offset: gate * hidden * columns,
      rowStride: columns,
      columnStride: 1,
    };
  };
  const order: readonly GateName[] = fileOrder[cell];
  const layer: RecurrentLayer = {
    name: layerName(place, cell),
    cell,
    direction: place.reverse ? 'backward' : 'forward',
    inputSize: ih.shape[1],
    hiddenSize: hidden,
    gates: gatesOf[cell].map((name): Gate => {
      const gate = order.indexOf(name);
      return {
        name,
        kernel: view(kernel, gate),
        recurrent: view(recurrent, gate),
        biases: vectors.map((bias) => view(bias, gate)),
      };
    }),
    ...(projection && { projection: { ...view(projection, 0), rows: outputs } }),
    // tanh, and the relu of a plain RNN.
    zeroPreserving: true,
  };
  return { layer, tensors: weights };
}

/** `rnn.l0`, `rnn.l0_reverse`; of a cell the module's own name. */
function layerName({ path, layer, reverse }: Place, cell: Cell): string {
  if (layer === undefined) return path === '' ? cell : path;
  return `${path === '' ? '' : `${path}.`}l${layer}${reverse ? '_reverse' : ''}`;
}

function parameterOf({ name, parameter, dtype }: NamedTensor, file: string): Parameter {
  if (!parameter) throw new UserError('dtypeUnsupported', { file, parameter: name, dtype });
  return parameter;
}
