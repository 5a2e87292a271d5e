import type { Graph } from '../../extension/model/graph.ts';
import type { ConversionCase } from './conversionGraphs.ts';
import { Sketch } from './trainingGraphs.ts';

const [steps, width, hidden] = [7, 3, 4];

/** Graphs that take single steps of what recurrent layers put out, their sequences of a known or a free length. */
export function pickedCases(): ConversionCase[] {
  return Object.entries(picks).flatMap(([name, pick]) => [
    pickedCase(name, pick, steps),
    pickedCase(`${name}, of free length`, pick, null),
  ]);
}

/** Adds nodes that make `row` of the sequences and states of an LSTM in both directions; gives its width. */
type Pick = (sketch: Sketch) => number;

function select(sketch: Sketch, input: string, index: number, output: string): void {
  sketch.nodes.push({ op: 'Select', axis: 1, index, inputs: [input], outputs: [output], origin: output });
}

const picks: Readonly<Record<string, Pick>> = {
  'the last step of both directions': (sketch) => {
    sketch.concat(['forward', 'backward'], 'both');
    select(sketch, 'both', -1, 'row');
    return 2 * hidden;
  },
  'the last step of each direction': (sketch) => {
    select(sketch, 'forward', -1, 'one');
    select(sketch, 'backward', -1, 'other');
    sketch.concat(['one', 'other'], 'row');
    return 2 * hidden;
  },
  'the steps that each direction ends with': (sketch) => {
    select(sketch, 'forward', -1, 'one');
    select(sketch, 'backward', 0, 'other');
    sketch.concat(['other', 'one'], 'row');
    return 2 * hidden;
  },
  'the final states of both directions': (sketch) => {
    sketch.concat(['forward h', 'backward h'], 'row');
    return 2 * hidden;
  },
  'a step within': (sketch) => {
    select(sketch, 'forward', 2, 'one');
    select(sketch, 'backward', 2, 'other');
    sketch.concat(['one', 'other'], 'row');
    return 2 * hidden;
  },
};

function pickedCase(name: string, pick: Pick, length: number | null): ConversionCase {
  const sketch = new Sketch();
  for (const [direction, more] of [
    ['forward', {}],
    ['backward', { reverse: true }],
  ] as const) {
    const outputs = [direction, `${direction} last`, `${direction} h`, `${direction} c`];
    sketch.recurrent('LSTM', [width, hidden], { inputs: ['x'], outputs, ...more });
  }
  sketch.dense('row', 'out', [pick(sketch), 2]);
  const graph: Graph = {
    inputs: [{ name: 'x', shape: [null, length, width], dtype: 'float32' }],
    nodes: sketch.nodes,
    outputs: [{ name: 'out' }],
  };
  return { name, graph, inputs: [sketch.floats(5, steps, width)] };
}
