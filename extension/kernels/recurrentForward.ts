import { gruForward, gruGates } from './recurrentGru';
import { lstmForward } from './recurrentLstm';
import { multiplyPanels } from './recurrentPass';
import { multiply, multiplyBoth } from './recurrentProduct';
import { rnnForward } from './recurrentRnn';
import { GRU, GRU_RESET_AFTER, LSTM, panelsTogether, Task } from './recurrentTask';

/**
 * All steps of a recurrent layer. A thread takes whole panels through all of them and waits for nobody; the sums of a
 * sample do not depend on which panel it is in.
 */
export function recurrentForward(task: Task, thread: i32, threads: i32): void {
  const end = (task.panels * (thread + 1)) / threads;
  const most = panelsTogether(task);
  for (let first = (task.panels * thread) / threads; first < end; first += most) {
    const panels = min(most, end - first);
    for (let s = 0; s < task.steps; s++) forwardStep(task, s, first, panels);
  }
}

function forwardStep(task: Task, s: i32, first: i32, panels: i32): void {
  const cell = task.cell;
  const width = task.width;
  const kernel = task.kernel;
  const recurrent = task.recurrent;
  const bias = task.bias;
  const wide = (<usize>width) << 2;
  const state = <usize>task.units * wide;
  const gates = <usize>task.gateRows * wide;
  const input = <usize>task.inputs * wide;
  const all = <usize>task.panels;
  const here = <usize>s * all + <usize>first;
  const slot = <usize>(s % task.slots) * all + <usize>first;
  const nextSlot = <usize>((s + 1) % task.slots) * all + <usize>first;
  const kept = task.saved ? here : <usize>first;

  const x = task.x + here * input;
  const h = task.h + slot * state;
  const out = task.h + nextSlot * state;
  const entering = task.dropped + slot * state;
  const z = task.gates + kept * gates;
  const c = task.c + kept * state;
  const next = task.saved ? c + all * state : c;
  const mask = task.mask ? task.mask + here * wide : 0;
  const reset = task.reset ? task.reset + kept * state : 0;

  if (width === 1 && mask && !load<i32>(mask)) {
    memory.copy(out, h, state);
    if (cell === LSTM) memory.copy(next, c, state);
    if (reset) memory.fill(reset, 0, state);
  } else {
    // Panels know masks of whole vectors; a single sample has come to a real step here.
    const held = width === 1 ? <usize>0 : mask;
    multiplyBoth(kernel, x, input, recurrent, entering, state, width, panels, z, gates, bias);
    if (cell === GRU_RESET_AFTER) {
      multiply(
        task.candidate,
        entering,
        state,
        width,
        panels,
        z + 3 * state,
        gates,
        task.candidateBias,
        false,
      );
    }
    if (cell === GRU || cell === GRU_RESET_AFTER) {
      for (let p: usize = 0; p < <usize>panels; p++) {
        gruGates(task, z + p * gates, entering + p * state, reset ? reset + p * state : 0);
      }
      if (cell === GRU) multiply(task.candidate, reset, state, width, panels, z + 2 * state, gates, 0, true);
    }
    for (let p: usize = 0; p < <usize>panels; p++) {
      const zp = z + p * gates;
      const at = p * state;
      const maskAt = held ? held + p * wide : 0;
      if (cell === LSTM) {
        const activated = task.activated ? task.activated + here * state + at : 0;
        lstmForward(task, zp, c + at, next + at, activated, h + at, out + at, maskAt);
      } else if (cell === GRU || cell === GRU_RESET_AFTER) {
        gruForward(task, zp, cell === GRU_RESET_AFTER, h + at, out + at, maskAt);
      } else {
        rnnForward(task, zp, h + at, out + at, maskAt);
      }
    }
  }
  if (task.dropout) {
    const dropout = task.dropout + <usize>first * state;
    multiplyPanels(task.dropped + nextSlot * state, out, dropout, <usize>panels * state);
  }
}
