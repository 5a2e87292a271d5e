import { recurrentCall } from './frozenOperators.ts';
import type { ScriptCall } from './scriptCalls.ts';
import type { Origin, ScriptFlow } from './scriptFlow.ts';

/** A layer's call, with the line that it stands in. */
export interface PlacedCall {
  readonly call: ScriptCall;
  readonly line: number;
}

/** What a value is in a row of layers: what the function is given, zeros, the result of a layer by its place, or another's part. */
type Role = 'given' | 'zeros' | 'state' | number;

/** Layers whose values are followed. */
const mostLayers = 2000;

/**
 * The operator at which a function is no row of layers, each of which takes the result of the one before and begins with states of zeros:
 * two heads, a decoder that begins with an encoder's states, or one that selects another step than the last. A cell goes over all steps.
 * Undefined where the function is such a row.
 */
export function brokenAt(flow: ScriptFlow, layers: readonly PlacedCall[]): string | undefined {
  const places = new Map(layers.map((layer, i) => [keyOf(layer), i]));
  const last = layers.at(-1);
  if (!last || places.size < layers.length || layers.length > mostLayers) return last?.call.name;
  const row = new Row(flow, layers, places);
  for (const [i, layer] of layers.entries()) {
    const broken = row.take(layer, i);
    if (broken !== undefined) return broken;
  }
  return flow.returned.map(({ text, line }) => row.give(text, line)).find((broken) => broken !== undefined);
}

function keyOf({ call, line }: PlacedCall): string {
  return JSON.stringify([line, call.name, call.args]);
}

class Row {
  readonly #flow: ScriptFlow;
  readonly #layers: readonly PlacedCall[];
  readonly #places: ReadonlyMap<string, number>;
  /** Whether the last step has been selected, and whether a loop goes over all. */
  #isLast = false;
  #isLoop = false;

  constructor(flow: ScriptFlow, layers: readonly PlacedCall[], places: ReadonlyMap<string, number>) {
    this.#flow = flow;
    this.#layers = layers;
    this.#places = places;
  }

  /** The operator at which it is broken that a layer takes the result of the one before; undefined where it is not. */
  take({ call, line }: PlacedCall, i: number): string | undefined {
    const recurrent = recurrentCall(call);
    const input = call.args[call.name === 'torch.embedding' ? 1 : 0] ?? '';
    const roles = this.#rolesOf(input, line);
    if (!Array.isArray(roles)) return roles ?? call.name;
    // What a loop over no steps would leave.
    const before =
      this.#isOfCell(i - 1) && !recurrent?.isCell ? roles.filter((role) => role !== 'zeros') : roles;
    if (before.length !== 1 || before[0] !== (i === 0 ? 'given' : i - 1)) return call.name;
    if (/softmax$/.test(call.name) && !this.#isLastAxis(call.args[1])) return call.name;
    if (!recurrent) return undefined;
    if (recurrent.isCell && !this.#isLoop) return call.name;
    const paths = /lstm/.test(call.name) ? [[0], [1]] : [[]];
    const isFromZeros = paths.every((path) =>
      this.#flow
        .originsOf(recurrent.states, line, path)
        ?.every(
          (origin) =>
            origin.call?.name === 'torch.zeros' ||
            (recurrent.isCell && this.#placeOf(origin) === i && origin.result === (path[0] ?? 0)),
        ),
    );
    return isFromZeros ? undefined : call.name;
  }

  /** The same of what the function returns: the result of the last layer, and states beside it. */
  give(text: string, line: number): string | undefined {
    const end = this.#layers.length - 1;
    const { name } = this.#layers[end].call;
    const roles = this.#rolesOf(text, line);
    if (!Array.isArray(roles)) return roles ?? name;
    const others = roles.filter((role) => role !== 'state' && !(role === 'zeros' && this.#isOfCell(end)));
    return others.length === 1 && others[0] === end ? undefined : name;
  }

  /** Of batches of sequences, or of one step of each. */
  #isLastAxis(axis: string | undefined): boolean {
    return axis === '-1' || axis === (this.#isLast || this.#isLoop ? '1' : '2');
  }

  #isOfCell(i: number): boolean {
    return i >= 0 && recurrentCall(this.#layers[i].call)?.isCell === true;
  }

  #placeOf({ call, line }: Origin): number | undefined {
    return call && this.#places.get(keyOf({ call, line }));
  }

  /** What a value may be, each once; the name of an operator that makes it something else, or undefined where it is not known. */
  #rolesOf(text: string, line: number): Role[] | string | undefined {
    const origins = this.#flow.originsOf(text, line);
    const roles = new Set<Role>();
    let isLast = this.#isLast;
    for (const origin of origins ?? []) {
      const role = this.#roleOf(origin);
      if (typeof role === 'string') return role;
      roles.add(role.role);
      isLast ||= role.isLast === true;
    }
    this.#isLast = isLast;
    return origins && [...roles];
  }

  #roleOf(origin: Origin): { role: Role; isLast?: boolean } | string {
    const { call, parameter, result, picks } = origin;
    const place = this.#placeOf(origin);
    if (call?.name === 'torch.zeros') return { role: 'zeros' };
    if (place === undefined && parameter === undefined) return call?.name ?? '';
    const recurrent = place === undefined ? undefined : recurrentCall(this.#layers[place].call);
    if (place !== undefined && result > 0) return this.#stateOf(origin, place);
    const selects = picks.filter(({ name }) => name === 'torch.select');
    const [select] = selects;
    const role = place ?? 'given';
    if (!select) return { role };
    if (selects.length > 1 || recurrent?.isCell) return select.name;
    if (this.#isEach(select, origin)) {
      this.#isLoop = true;
      return { role };
    }
    const isMoved = picks.some(({ name }) => /transpose|permute/.test(name));
    return place !== undefined && !this.#isLast && this.#isLastStep(select, place, isMoved)
      ? { role, isLast: true }
      : select.name;
  }

  /** The last hidden state is the last step's output, but for the layer below and the other direction. */
  #stateOf({ picks, result }: Origin, place: number): { role: Role; isLast?: boolean } {
    const recurrent = recurrentCall(this.#layers[place].call);
    const first = picks.filter(
      ({ name, args }) => name === 'torch.select' || (name === 'torch.squeeze' && args[1] === '0'),
    );
    const [
      {
        name,
        args: [, axis, at = '0'],
      } = { name: '', args: [] },
    ] = first;
    const isTop = axis === '0' && (at === '-1' || (at === '0' && !recurrent?.isDeep));
    const isOutput = recurrent && !recurrent.isCell && !recurrent.isBidirectional && result === 1;
    return isOutput && first.length === 1 && isTop && (name === 'torch.select' || !recurrent.isDeep)
      ? { role: place, isLast: true }
      : { role: 'state' };
  }

  /** Whether a loop over all steps selects each of what a layer or the function is given. */
  #isEach(select: ScriptCall, { call, parameter }: Origin): boolean {
    return this.#flow.selectsEach(select, (variable, line) =>
      (this.#flow.originsOf(variable, line) ?? []).every(
        (other) => other.parameter === parameter && other.call?.name === call?.name,
      ),
    );
  }

  #isLastStep({ args: [, axis, at] }: ScriptCall, place: number, isMoved: boolean): boolean {
    const before = this.#layers.slice(0, place + 1).map(({ call }) => recurrentCall(call));
    const sequence = before.findLast((recurrent) => recurrent && !recurrent.isCell);
    if (!sequence || at !== '-1') return false;
    const { stepAxis } = sequence;
    return isMoved
      ? axis === '0' || axis === '1'
      : axis === String(stepAxis) || axis === String(stepAxis - 3);
  }
}
