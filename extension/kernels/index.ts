// What the kernels give to engine/wasm: functions `(…arguments, thread, threads)` that every thread calls at once.

export { exponentials } from './exponential';
export { gatherRows, scatterRows } from './gather';
export { magnitudes } from './magnitudes';
export { matMul } from './matMul';
export { adam, rmsprop, sgd, squares } from './optimizer';
export { recurrentBackward } from './recurrentBackward';
export { recurrentForward } from './recurrentForward';
export { recurrentGradient, recurrentRuns } from './recurrentGradient';
export { recurrentInputGradient } from './recurrentInputGradient';
export { recurrentPack, recurrentPackTransposed } from './recurrentPack';
export { fromPanels, toPanels } from './recurrentPanels';
export { addPanels } from './recurrentPass';
export { softmaxCrossEntropy } from './softmaxCrossEntropy';
export { sparseOuter, sparsePanels } from './sparseMatMul';
export { sparsePermute } from './sparsePermute';
export { sumRows } from './sumRows';
export {
  awaitTask,
  awaitWorkers,
  fail,
  finishTask,
  hasFailed,
  latestTask,
  meet,
  publishTask,
  resetBarrier,
  spin,
} from './threads';
