import { matrixName as nameOfMatrix } from '../model/evidence.ts';
import { type GateView, transposedView, wholeView } from '../model/gateView.ts';
import type { Model } from '../model/model.ts';
import type { Parameter } from '../model/parameter.ts';
import { biasViews, gateMatrices, type RecurrentLayer } from '../model/recurrentLayer.ts';
import type { GateName, MatrixName } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';
import { fits, patternsOf } from './names.ts';

/**
 * One gate of one matrix of one layer, a layer's projection, or another weight tensor that was included by name: the smallest thing with a
 * target of its own.
 */
export interface Prunable {
  /** `lstm_1/kernel/i`, `lstm_1/projection`; of another tensor the parameter's own, `dense/kernel`. */
  readonly name: string;
  /** Name of the layer. */
  readonly owner: string;
  /** Name of the matrix with all its gates, by which evidence is found. */
  readonly matrixName: string;
  /** [H, I], [H, P] or [P, H]; row = what is computed, column = what it is computed from. */
  readonly view: GateView;
  /** Absent of what is no recurrent layer's. */
  readonly part?: RecurrentPart;
}

export interface RecurrentPart {
  readonly layer: RecurrentLayer;
  readonly matrix: MatrixName;
  /** Absent of a projection. */
  readonly gate?: GateName;
}

/** What is pruned where nothing is included or excluded, in canonical order: layer, matrix, gate. Within a gate: unit, input. */
function recurrentPrunables(layers: readonly RecurrentLayer[]): Prunable[] {
  return layers.flatMap((layer) => [
    ...gateMatrices.flatMap((matrix) =>
      layer.gates.map((gate) => prunableOf(gate[matrix], { layer, matrix, gate: gate.name })),
    ),
    ...(layer.projection ? [prunableOf(layer.projection, { layer, matrix: 'projection' })] : []),
  ]);
}

function prunableOf(view: GateView, part: RecurrentPart): Prunable {
  const { layer, matrix, gate } = part;
  const matrixName = nameOfMatrix(layer, matrix);
  const name = gate === undefined ? matrixName : `${matrixName}/${gate}`;
  return { name, owner: layer.name, matrixName, view, part };
}

/** How many prunable weight matrices a layer has, gate by gate. */
export function partCount({ gates, projection }: RecurrentLayer): number {
  return gateMatrices.length * gates.length + (projection ? 1 : 0);
}

/** What of a model is pruned. */
export interface Selection {
  /** Comma-separated patterns. */
  readonly include?: string | undefined;
  readonly exclude?: string | undefined;
}

/**
 * The recurrent matrices and what is included by name, in the order of the file, without what is excluded. Throws `UserError`
 * nameUnknown where a pattern stands for nothing, nothingToPrune where nothing is left.
 */
export function prunablesOf(
  { layers, parameters, transposed }: Pick<Model, 'layers' | 'parameters' | 'transposed'>,
  { include, exclude }: Selection = {},
): Prunable[] {
  const recurrent = recurrentPrunables(layers);
  const matrices = new Set(recurrent.map(({ view }) => view.parameter));
  const others = parameters
    .filter((parameter) => !matrices.has(parameter))
    .map((parameter) => otherPrunable(parameter, transposed?.has(parameter) === true));
  const all = [...recurrent, ...others];
  const biases = new Set(layers.flatMap(biasViews).map(({ parameter }) => parameter));
  // Whoever names a layer means its kernels; a bias must be named itself, such as `dense/bias` or `*bias`.
  const isMeant = ({ owner, view: { parameter } }: Prunable, pattern: string) =>
    (parameter.shape.length > 1 && !biases.has(parameter)) || !fits(pattern, owner);
  const included = chosen(all, include, isMeant);
  const excluded = chosen(all, exclude);
  const left = [...recurrent, ...others.filter((other) => included.has(other))].filter(
    (one) => !excluded.has(one),
  );
  if (left.length === 0) throw new UserError('nothingToPrune', { exclude: exclude ?? '' });
  return left;
}

/** What the patterns of a list stand for; each must stand for something. */
function chosen(
  all: readonly Prunable[],
  list: string | undefined,
  isMeant: (one: Prunable, pattern: string) => boolean = () => true,
): Set<Prunable> {
  const found = new Set<Prunable>();
  for (const pattern of patternsOf(list)) {
    const own = all.filter((one) => fits(pattern, one.name) && isMeant(one, pattern));
    if (own.length === 0) throw new UserError('nameUnknown', { name: pattern, names: namesOf(all) });
    for (const one of own) found.add(one);
  }
  return found;
}

/** Matrices with all their gates, for messages. */
export function namesOf(prunables: readonly Prunable[]): string[] {
  return [...new Set(prunables.map((one) => one.matrixName))];
}

function otherPrunable(parameter: Parameter, transposed: boolean): Prunable {
  const { name } = parameter;
  const owner = name.slice(0, Math.max(name.lastIndexOf('/'), name.lastIndexOf('.'))) || name;
  return {
    name,
    owner,
    matrixName: name,
    view: transposed ? transposedView(parameter) : wholeView(parameter),
  };
}

export function weightCount({ view }: Pick<Prunable, 'view'>): number {
  return view.rows * view.columns;
}
