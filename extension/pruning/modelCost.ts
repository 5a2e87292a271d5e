import { forEachPlace, type GateView, wholeView } from '../model/gateView.ts';
import type { Model } from '../model/model.ts';
import { byteSize, type Parameter, readMasked } from '../model/parameter.ts';
import { productsPerSample } from '../ops/cost.ts';
import { UserError } from '../protocol/userError.ts';
import type { GrowingMasks } from './growingMasks.ts';
import type { Budget } from './target.ts';

/** What a budget is counted over. */
export type Budgeted = Pick<Model, 'parameters' | 'graph' | 'notEvaluable'>;

/** What each nonzero weight of a view costs. */
interface Charge {
  readonly view: GateView;
  readonly each: number;
}

/**
 * What the nonzero weights of a whole model cost, in the unit of a budget, under masks that are still to be put on. Throws `UserError`
 * multiplyAddsUnknown where there is no graph to count them in.
 * @param freeSteps stands for the length of a sample where that is free
 * @param masked what the masks may be of
 * @param regrowZeros zeros there may become weights again, so they count as such
 */
export async function costUnder(
  key: Budget['key'],
  model: Budgeted,
  freeSteps: number,
  masked: ReadonlySet<Parameter>,
  regrowZeros: boolean,
): Promise<(masks: GrowingMasks) => number> {
  const charges = chargesOf(key, model, freeSteps);
  const weights = new Map<Parameter, Uint8Array>();
  for (const { view } of charges) {
    const { parameter } = view;
    if (!weights.has(parameter))
      weights.set(parameter, await weightsOf(parameter, masked.has(parameter) && regrowZeros));
  }
  const priced = charges.map(({ view, each }) => ({
    view,
    each,
    own: weights.get(view.parameter) as Uint8Array,
  }));
  const rest = priced
    .filter(({ view }) => !masked.has(view.parameter))
    .reduce((sum, { view, each, own }) => sum + each * countOnes(view, own), 0);
  const open = priced.filter(({ view }) => masked.has(view.parameter));
  return (masks) =>
    open.reduce(
      (sum, { view, each, own }) => sum + each * countOnes(view, own, masks.of(view.parameter)),
      rest,
    );
}

function chargesOf(
  key: Budget['key'],
  { parameters, graph, notEvaluable }: Budgeted,
  freeSteps: number,
): Charge[] {
  switch (key) {
    case 'maxParameters':
      return parameters.map((parameter) => ({ view: wholeView(parameter), each: 1 }));
    case 'maxBytes':
      return parameters.map((parameter) => ({ view: wholeView(parameter), each: byteSize[parameter.dtype] }));
    case 'maxMultiplyAdds':
      if (!graph) throw new UserError('multiplyAddsUnknown', {}, notEvaluable);
      return productsPerSample(graph, freeSteps).map(({ weights, rows }) => ({ view: weights, each: rows }));
  }
}

/** 1 for each weight that is not 0, or may become so. */
async function weightsOf(parameter: Parameter, zerosToo: boolean): Promise<Uint8Array> {
  const values = await readMasked(parameter);
  const flags = new Uint8Array(values.length).fill(1);
  if (!zerosToo) for (let i = 0; i < values.length; i++) flags[i] = Number(values[i] !== 0);
  return flags;
}

/** How many of a view's flags are 1, and of the mask as well. */
function countOnes(view: GateView, flags: Uint8Array, mask?: Uint8Array): number {
  let ones = 0;
  forEachPlace(view, (place) => {
    ones += flags[place] & (mask ? mask[place] : 1);
  });
  return ones;
}
