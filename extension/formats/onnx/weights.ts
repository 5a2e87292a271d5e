import type { GateView } from '../../model/gateView.ts';
import { sizeOf } from '../../model/parameter.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import { UserError } from '../../protocol/userError.ts';
import { type ComputedTensor, isComputed, operandsAlone } from './computedWeights.ts';
import type { ConstantView } from './contents.ts';
import type { Folded, TensorView } from './fold/folded.ts';
import { isJoined } from './fold/folded.ts';
import type { Scope } from './fold/scope.ts';
import { halvesOf, type OnnxParameter, onnxParameter, quantizationOf } from './parameters.ts';
import type { OnnxModel, OnnxNode, OnnxTensor } from './proto.ts';
import type { Source } from './read/source.ts';
import { type FoundNode, nameOf } from './recurrent/found.ts';
import { type StoredGate, type StoredLayer, storedLayers } from './recurrent/layers.ts';
import { sharedStretches } from './sharedStretches.ts';
import { typeName } from './values/elementType.ts';
import { uniqueNames, weightTensors } from './weightTensors.ts';

/** The weights of a model, and its recurrent layers over them. */
export interface OnnxWeights {
  readonly parameters: readonly OnnxParameter[];
  /** Of each tensor that is one parameter. */
  readonly byTensor: ReadonlyMap<OnnxTensor, OnnxParameter>;
  readonly layers: readonly RecurrentLayer[];
  /** Directions of every recurrent node of the main graph and of the bodies of its nodes. */
  readonly recurrent: ReadonlyMap<OnnxNode, readonly RecurrentLayer[]>;
  /** Both directions of each node that has two: one number states the size of both. */
  readonly pairs: readonly (readonly RecurrentLayer[])[];
  /** Weights of recurrent nodes that the file's nodes compute of other tensors. */
  readonly computed: readonly ComputedTensor[];
  /** Of each recurrent node that is none of these, why the file does not keep its weights as they are. */
  readonly left: readonly UserError[];
}

/**
 * Finds the weights of a model whose recurrent nodes are known, and leaves out those whose weights are more than moved constants. Reads no
 * values. Throws `UserError` noWeightsForLayer, weightShape.
 */
export async function weightsOf(
  source: Source,
  model: OnnxModel,
  found: readonly FoundNode[],
): Promise<OnnxWeights> {
  const unique = uniqueNames();
  const left: UserError[] = [];
  const kept = found.flatMap((one) => {
    try {
      return [{ node: one.node, directions: storedLayers(one, unique(nameOf(one.node)), source.shownAs) }];
    } catch (error) {
      if (!isElsewhere(error)) throw error;
      left.push(error);
      return [];
    }
  });
  const stored = kept.map(({ directions }) => directions);
  const uses = usesOf(source, stored.flat());
  const computed = [...uses.keys()].filter(isComputed);
  const places = await placedParameters(source, model, uses, computed);
  const known = new Map<string, RecurrentLayer>();
  const recurrent = new Map<OnnxNode, RecurrentLayer[]>();
  const all = stored.map((directions, i) => {
    const layers = directions.map((layer) => onceOnly(placed(layer, places.viewOf), known));
    recurrent.set(kept[i].node, layers);
    return layers;
  });
  return {
    parameters: places.parameters,
    byTensor: places.byTensor,
    layers: [...new Set(all.flat())],
    recurrent,
    pairs: all.filter(({ length }) => length === 2),
    computed,
    left,
  };
}

function isElsewhere(error: unknown): error is UserError {
  return error instanceof UserError && ['weightsGiven', 'weightsComputed'].includes(error.info.code);
}

/** Where a constant of the main graph, or of a body, lies in one parameter. */
export function constantView(
  scope: Scope,
  { byTensor }: Pick<OnnxWeights, 'byTensor'>,
  name: string,
): ConstantView | undefined {
  const folded: Folded | undefined = scope.folded(name);
  if (!folded || isJoined(folded)) return undefined;
  const parameter = byTensor.get(folded.tensor);
  if (!parameter) return undefined;
  return { parameter, shape: folded.shape, offset: folded.offset, strides: folded.strides };
}

/** What recurrent layers make of a tensor. */
interface Use {
  /** All of them read one half of it: it holds a direction in each. */
  readonly halves: boolean;
  readonly dequantizedBy: TensorView['dequantizedBy'];
}

function usesOf({ shownAs }: Source, layers: readonly StoredLayer[]): Map<OnnxTensor, Use> {
  const uses = new Map<OnnxTensor, Use>();
  for (const view of layers.flatMap(({ gates }) => gates.flatMap(viewsOf))) {
    const { tensor, dequantizedBy } = view;
    const known = uses.get(tensor);
    if (known && JSON.stringify(known.dequantizedBy) !== JSON.stringify(dequantizedBy)) {
      const args = { file: shownAs, layer: tensor.name, weights: 'W', operator: 'DequantizeLinear' };
      throw new UserError('weightsComputed', args);
    }
    uses.set(tensor, { halves: (known?.halves ?? true) && liesInHalf(view), dequantizedBy });
  }
  return uses;
}

function viewsOf({ kernel, recurrent, biases, peephole }: StoredGate): TensorView[] {
  return [kernel, recurrent, ...biases, ...(peephole ? [peephole] : [])];
}

function liesInHalf({ tensor: { dims }, shape, offset, strides }: TensorView): boolean {
  if (dims.length < 2 || dims[0] !== 2) return false;
  const half = sizeOf(dims) / 2;
  const last = offset + shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis], 0);
  return Math.floor(offset / half) === Math.floor(last / half);
}

interface PlacedParameters {
  readonly parameters: OnnxParameter[];
  readonly byTensor: ReadonlyMap<OnnxTensor, OnnxParameter>;
  readonly viewOf: (view: TensorView) => GateView;
}

async function placedParameters(
  source: Source,
  model: OnnxModel,
  uses: ReadonlyMap<OnnxTensor, Use>,
  computed: readonly ComputedTensor[],
): Promise<PlacedParameters> {
  const kept = weightTensors(model, (tensor) => uses.get(tensor)?.dequantizedBy !== undefined);
  const operands = operandsAlone(model.graph, computed);
  const tensors = [
    ...kept.filter(({ tensor }) => !operands.has(tensor)),
    ...computed.map((tensor) => ({ tensor, name: nameOf(tensor.values.node) })),
  ];
  const original = await sharedStretches(
    source,
    tensors.map(({ tensor }) => tensor),
  );
  const unique = uniqueNames();
  const parameters: OnnxParameter[] = [];
  const byTensor = new Map<OnnxTensor, OnnxParameter>();
  const halves = new Map<OnnxTensor, readonly OnnxParameter[]>();
  for (const { tensor, name } of tensors) {
    if (original.has(tensor)) continue;
    const { halves: divided = false, dequantizedBy } = uses.get(tensor) ?? {};
    const quantization = dequantizedBy && quantizationOf(dequantizedBy);
    const own = divided
      ? halvesOf(source, unique(name), tensor, dequantizedBy)
      : [onnxParameter(source, unique(name), tensor, { ...(quantization && { quantization }) })];
    parameters.push(...own);
    if (divided) halves.set(tensor, own);
    else byTensor.set(tensor, own[0]);
  }
  for (const [tensor, first] of original) {
    const [own, both] = [byTensor.get(first), halves.get(first)];
    if (own) byTensor.set(tensor, own);
    if (both) halves.set(tensor, both);
  }
  const viewOf = ({ tensor, shape, offset, strides }: TensorView): GateView => {
    const parameter = byTensor.get(tensor) ?? halves.get(tensor)?.findLast(({ first }) => first <= offset);
    // Of a type that no weights are of.
    if (!parameter) {
      const args = { file: source.shownAs, parameter: tensor.name, dtype: typeName(tensor.dataType) };
      throw new UserError('dtypeUnsupported', args);
    }
    const [, rows, columns = 1] = shape;
    return {
      parameter,
      rows,
      columns,
      offset: offset - parameter.first,
      rowStride: strides[1],
      columnStride: strides[2] ?? 1,
    };
  };
  return { parameters, byTensor, viewOf };
}

function placed(layer: StoredLayer, viewOf: (view: TensorView) => GateView): RecurrentLayer {
  return {
    ...layer,
    gates: layer.gates.map(({ name, kernel, recurrent, biases, peephole }) => ({
      name,
      kernel: viewOf(kernel),
      recurrent: viewOf(recurrent),
      biases: biases.map(viewOf),
      ...(peephole && { peephole: viewOf(peephole) }),
    })),
  };
}

/** A layer that stands at several places of the model is one. */
function onceOnly(layer: RecurrentLayer, known: Map<string, RecurrentLayer>): RecurrentLayer {
  const { name, gates, ...rest } = layer;
  const views = gates.map(({ kernel, recurrent, biases, peephole }) =>
    [kernel, recurrent, ...biases, ...(peephole ? [peephole] : [])].map(({ parameter, ...view }) => ({
      ...view,
      parameter: parameter.name,
    })),
  );
  const key = JSON.stringify([rest, views]);
  const first = known.get(key) ?? layer;
  known.set(key, first);
  return first;
}
