import { regression } from './branchingGraphs.ts';
import type { LayerOptions } from './memoryModel.ts';
import { Sketch, type TrainingCase } from './trainingGraphs.ts';

const [steps, width, hidden] = [7, 3, 4];

/** By what they have. */
const cells: Record<string, Partial<LayerOptions>> = {
  'layer normalization of gates': { normalized: true },
  'diagonal recurrent matrices': { diagonal: true },
  'an auxiliary input': { auxiliary: hidden },
};

/** LSTMs that TensorFlow Lite alone has. */
export function tfliteCellCases(): TrainingCase[] {
  return Object.entries(cells).map(([what, layer]) => {
    const sketch = new Sketch();
    const inputs = layer.auxiliary ? ['x', 'other'] : ['x'];
    if (layer.auxiliary) sketch.recurrent('RNN', [width, hidden], { inputs: ['x'], outputs: ['other'] });
    sketch.recurrent('LSTM', [width, hidden], { inputs, outputs: ['sequence'] }, 1, layer);
    return regression(sketch, `an LSTM with ${what}`, 'sequence', [steps]);
  });
}
