import { gruBackward, gruReset } from './recurrentGru';
import { lstmBackward } from './recurrentLstm';
import { addPanels, addProduct } from './recurrentPass';
import { multiplyTransposed } from './recurrentProduct';
import { rnnBackward } from './recurrentRnn';
import { GRU, GRU_RESET_AFTER, LSTM, panelsTogether, Task } from './recurrentTask';

/**
 * Back through all steps of what `recurrentForward` saved: the gates become the gradients of their sums, from which those of
 * inputs and weights follow; `dh` and `dc` those of the initial state.
 */
export function recurrentBackward(task: Task, thread: i32, threads: i32): void {
  const end = (task.panels * (thread + 1)) / threads;
  const most = panelsTogether(task);
  for (let first = (task.panels * thread) / threads; first < end; first += most) {
    const panels = min(most, end - first);
    for (let s = task.steps - 1; s >= 0; s--) backwardStep(task, s, first, panels);
  }
}

function backwardStep(task: Task, s: i32, first: i32, panels: i32): void {
  const cell = task.cell;
  const width = task.width;
  const recurrent = task.recurrent;
  const candidate = task.candidate;
  const wide = (<usize>width) << 2;
  const state = <usize>task.units * wide;
  const gates = <usize>task.gateRows * wide;
  const all = <usize>task.panels;
  const here = <usize>s * all + <usize>first;

  const h = task.h + here * state;
  const entering = task.dropped + here * state;
  const z = task.gates + here * gates;
  const c = task.c + here * state;
  const mask = task.mask ? task.mask + here * wide : 0;
  const dh = task.dh + <usize>first * state;
  const dc = task.dc + <usize>first * state;
  const scratch = task.scratch + <usize>first * state;
  const bytes = <usize>panels * state;

  if (task.dy) addPanels(dh, task.dy + here * state, bytes);
  if (width === 1 && mask && !load<i32>(mask)) {
    memory.fill(z, 0, gates);
    return;
  }
  const held = width === 1 ? <usize>0 : mask;
  for (let p: usize = 0; p < <usize>panels; p++) {
    const zp = z + p * gates;
    const at = p * state;
    const maskAt = held ? held + p * wide : 0;
    if (cell === LSTM) {
      const activated = task.activated + here * state + at;
      lstmBackward(task, zp, c + at, activated, dh + at, dc + at, maskAt);
    } else if (cell === GRU || cell === GRU_RESET_AFTER) {
      gruBackward(task, zp, cell === GRU_RESET_AFTER, h + at, dh + at, maskAt);
    } else {
      rnnBackward(task, zp, dh + at, maskAt);
    }
  }
  const apart = cell === GRU || task.dropout !== 0;
  const target = apart ? scratch : dh;
  if (cell === GRU) {
    multiplyTransposed(candidate, z + 2 * state, gates, width, panels, scratch, state, false);
    for (let p: usize = 0; p < <usize>panels; p++) {
      gruReset(task, z + p * gates, entering + p * state, scratch + p * state);
    }
  }
  multiplyTransposed(recurrent, z, gates, width, panels, target, state, cell === GRU || !apart);
  if (cell === GRU_RESET_AFTER) {
    multiplyTransposed(candidate, z + 3 * state, gates, width, panels, target, state, true);
  }
  if (task.dropout) addProduct(dh, scratch, task.dropout + <usize>first * state, bytes);
  else if (apart) addPanels(dh, scratch, bytes);
}
