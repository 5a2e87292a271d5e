import { regression } from './branchingGraphs.ts';
import type { LayerOptions } from './memoryModel.ts';
import { Sketch, type TrainingCase } from './trainingGraphs.ts';

const [steps, width, hidden] = [7, 3, 4];

/** By what other formats lack. */
const cells: Record<string, Partial<LayerOptions>> = {
  'layer normalization of gates': { normalized: true },
  'diagonal recurrent matrices': { diagonal: true },
};

/** LSTMs that TensorFlow Lite alone has, and no format that models are converted to. */
export function tfliteCellCases(): (TrainingCase & { readonly lacking: string })[] {
  return Object.entries(cells).map(([lacking, layer]) => {
    const sketch = new Sketch();
    sketch.recurrent('LSTM', [width, hidden], { inputs: ['x'], outputs: ['sequence'] }, 1, layer);
    return { ...regression(sketch, `an LSTM with ${lacking}`, 'sequence', [steps]), lacking };
  });
}
