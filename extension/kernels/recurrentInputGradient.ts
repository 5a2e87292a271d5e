import { multiplyPanels } from './recurrentPass';
import { multiplyTransposed } from './recurrentProduct';
import { Task } from './recurrentTask';

/**
 * Gradients of the inputs dx [T][P][I][W] = kernelᵀ · dz, after `recurrentBackward`; the steps are shared among the threads.
 * @param dropout what dropout multiplied the inputs by [P][I][W]; 0: nothing
 */
export function recurrentInputGradient(
  task: Task,
  dx: usize,
  dropout: usize,
  thread: i32,
  threads: i32,
): void {
  const wide = (<usize>task.width) << 2;
  const input = <usize>task.inputs * wide;
  const gates = <usize>task.gateRows * wide;
  const panels = <usize>task.panels;
  const end = (task.steps * (thread + 1)) / threads;
  for (let s = (task.steps * thread) / threads; s < end; s++) {
    const here = <usize>s * panels;
    const out = dx + here * input;
    multiplyTransposed(
      task.kernel,
      task.gates + here * gates,
      gates,
      task.width,
      task.panels,
      out,
      input,
      false,
    );
    if (dropout) multiplyPanels(out, out, dropout, panels * input);
  }
}
