import type { Evidence } from '../model/evidence.ts';
import { type Parameter, sizeOf } from '../model/parameter.ts';
import type { MaskUpdates } from '../protocol/report.ts';
import { magnitude } from '../pruning/criteria/magnitude.ts';
import { applyPlan, goneShares } from '../pruning/masks.ts';
import { type PlannedSet, type PruningPlan, parametersOf } from '../pruning/plan.ts';
import { regrow } from '../pruning/regrow.ts';
import type { Schedule, Timeline } from '../pruning/schedule/schedule.ts';
import { addMovement } from '../training/evidence/movement.ts';
import type { FinetuneTask } from '../training/finetuneTask.ts';
import type { MaskChange, MaskSchedule, MaskState, Masks } from '../training/maskSchedule.ts';

type Batch = Parameters<MaskSchedule['beforeStep']>[1];
type Weights = ReadonlyMap<Parameter, Float32Array>;
type Due = (sparsity: number, set: PlannedSet) => number;

/** What is pruned in a training, and when. */
export interface ScheduledPlan {
  /** Names the model in messages. */
  readonly file: string;
  readonly plan: PruningPlan;
  readonly schedule: Schedule;
  readonly timeline: Timeline;
}

/** What a schedule needs of the training that it is part of. */
export interface ScheduledTraining extends Pick<FinetuneTask, 'session'> {
  /** What the plan's criterion needs to know of the present weights, but for their movement. */
  gather(): Promise<Evidence>;
}

/** Carries out a schedule: at its steps the plan is applied to the present weights as far as it is due, or weights are exchanged. */
export class ScheduledMasks implements MaskSchedule {
  readonly settledEpoch: number;
  readonly watch: MaskSchedule['watch'];
  readonly #planned: ScheduledPlan;
  /** Those before the first change: what is zero in the file is masked, unless it may come back. */
  readonly #first: Masks;
  /** Share of each set that is gone by these. */
  readonly #shares: ReadonlyMap<PlannedSet, number>;
  /** Step of the change after which all is gone that is to go. */
  readonly #settled: number;
  readonly #movement: ReadonlyMap<Parameter, Float32Array> | undefined;
  #training: ScheduledTraining | undefined;
  #updates: MaskUpdates = { updates: 0, lastStep: 0, regrown: 0 };
  /** Steps that were taken. */
  #taken = 0;
  /** The last step at which masks would have changed, had it been due. */
  #passed = -1;
  /** What was still to go went at once. */
  #completed = false;

  private constructor(planned: ScheduledPlan, shares: ReadonlyMap<PlannedSet, number>) {
    const { plan, schedule, timeline } = planned;
    const parameters = [...parametersOf(plan)];
    this.#planned = planned;
    this.#shares = shares;
    this.#first = masksOf(parameters);
    // A threshold is no target to go towards.
    this.#settled = plan.recipe.criterion === 'threshold' ? schedule.begins : schedule.settled;
    const epochs = this.#settled / timeline.stepsPerEpoch;
    this.settledEpoch = schedule.atEpochEnds ? epochs : Math.floor(epochs) + 1;
    if (!plan.criterion.needs.includes('movement')) return;
    const movement = new Map(parameters.map((one) => [one, new Float32Array(sizeOf(one.shape))]));
    this.#movement = movement;
    this.watch = (gradients, weights) => addMovement(movement, gradients, weights);
  }

  /** Leaves the parameters with the masks that the training begins with. Throws nonFiniteWeights. */
  static async open(planned: ScheduledPlan): Promise<ScheduledMasks> {
    const { plan, file } = planned;
    for (const parameter of parametersOf(plan)) delete parameter.mask;
    const shares = await goneShares(plan, { file });
    const sets = plan.sets.map((set) => ({ ...set, target: { sparsity: 0 } }));
    await applyPlan({ ...plan, criterion: magnitude, sets }, { file });
    return new ScheduledMasks(planned, shares);
  }

  /** Names the training; before anything else of it. */
  join(training: ScheduledTraining): void {
    this.#training = training;
  }

  async begin(): Promise<Iterable<Parameter>> {
    putOn(this.#first);
    return this.#first.keys();
  }

  /** Goes on from what `state` gave after so many epochs; sets the masks of then. */
  restore({ masks, movement, updates }: MaskState, epochs: number): void {
    const { schedule, timeline } = this.#planned;
    putOn(masks);
    this.#updates = updates;
    this.#taken = epochs * timeline.stepsPerEpoch;
    this.#passed = schedule.atEpochEnds ? this.#taken : this.#taken - 1;
    for (const [parameter, sums] of this.#movement ?? []) sums.set(movement?.get(parameter) ?? []);
  }

  async beforeStep(step: number, batch: Batch): Promise<MaskChange | undefined> {
    const { atEpochEnds } = this.#planned.schedule;
    const change = atEpochEnds ? undefined : await this.#changeAt(step, batch);
    this.#taken = step + 1;
    return change;
  }

  async afterEpoch(epoch: number): Promise<MaskChange | undefined> {
    const { schedule, timeline } = this.#planned;
    return schedule.atEpochEnds ? this.#changeAt(epoch * timeline.stepsPerEpoch) : undefined;
  }

  /** Whether training ended before the schedule had pruned all that is to go. */
  get isCutShort(): boolean {
    return this.#completed || this.#passed < this.#settled;
  }

  async complete(): Promise<MaskChange | undefined> {
    if (this.#passed >= this.#settled) return undefined;
    this.#completed = true;
    this.#passed = this.#settled;
    return this.#change(this.#taken, (weights) => this.#prune(weights, (sparsity) => sparsity));
  }

  decayed(step: number): number {
    const { schedule, timeline } = this.#planned;
    const all = { first: 0, steps: timeline.epochs * timeline.stepsPerEpoch };
    const { first, steps } = schedule.rateSpan?.(step) ?? all;
    return (step - first) / steps;
  }

  state(): MaskState {
    const movement = this.#movement && { movement: this.#movement };
    return { masks: masksOf(this.#first.keys()), ...movement, updates: this.#updates };
  }

  /** @param batch absent at the end of an epoch */
  async #changeAt(step: number, batch?: Batch): Promise<MaskChange | undefined> {
    const { schedule } = this.#planned;
    this.#passed = step;
    if (!schedule.changesAt(step)) return undefined;
    const due: Due = (sparsity, set) => schedule.share(step, this.#shares.get(set) ?? 0, sparsity);
    const exchanged = step > schedule.begins ? schedule.exchanged?.(step) : undefined;
    const change = (weights: Weights) =>
      batch && exchanged !== undefined
        ? this.#exchange(weights, due, exchanged, batch)
        : this.#prune(weights, due);
    const rewinds = schedule.rewindsWeights && step > 0;
    return this.#change(step, change, rewinds);
  }

  /** @param change sets masks on the parameters; gives the number of weights that came back */
  async #change(
    step: number,
    change: (weights: Weights) => Promise<number>,
    rewinds = false,
  ): Promise<MaskChange | undefined> {
    const weights = await this.#joined().session.weights();
    // The next loss tells it better.
    if (![...weights.values()].every((values) => values.every(Number.isFinite))) return undefined;
    const before = masksOf(this.#first.keys());
    const regrown = await change(weights);
    const changed = [...before].some(([{ mask }, old]) => !mask || !sameMask(mask, old));
    if (!changed && !rewinds) return undefined;
    if (changed) {
      const { updates, regrown: earlier } = this.#updates;
      this.#updates = { updates: updates + 1, lastStep: step, regrown: earlier + regrown };
    }
    return { ...(rewinds && { rewound: await valuesOfFile(weights.keys()) }) };
  }

  async #prune(weights: Weights, due: Due): Promise<number> {
    const { plan, file } = this.#planned;
    const movement = this.#movement && { movement: this.#movement };
    const evidence = { ...(await this.#joined().gather()), ...movement };
    await applyPlan(plan, { file, evidence, valuesOf: (parameter) => weights.get(parameter), due });
    return 0;
  }

  async #exchange(weights: Weights, due: Due, exchanged: number, batch: Batch): Promise<number> {
    const { plan, file } = this.#planned;
    const { gradients } = await this.#joined().session.denseGradients(batch);
    return regrow(plan, {
      file,
      due,
      exchanged,
      valuesOf: (parameter) => weights.get(parameter),
      gradientOf: (parameter) => gradients.get(parameter),
    });
  }

  #joined(): ScheduledTraining {
    if (!this.#training) throw new Error('a schedule was asked for masks before it joined a training');
    return this.#training;
  }
}

/** The masks that parameters have; those without one are left out. */
export function masksOf(parameters: Iterable<Parameter>): Masks {
  const masks = new Map<Parameter, Uint8Array>();
  for (const parameter of parameters) if (parameter.mask) masks.set(parameter, parameter.mask);
  return masks;
}

export function putOn(masks: Masks): void {
  for (const [parameter, mask] of masks) parameter.mask = mask;
}

function sameMask(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || Buffer.compare(a, b) === 0;
}

async function valuesOfFile(parameters: Iterable<Parameter>): Promise<Weights> {
  const values = new Map<Parameter, Float32Array>();
  for (const parameter of parameters) values.set(parameter, await parameter.read());
  return values;
}
