import type { Graph, ValueName } from '../../model/graph.ts';
import type { Parameter } from '../../model/parameter.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Message } from '../../protocol/messages.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from './proto.ts';

/** What the reader hands to the lowering. */
export interface OnnxContents {
  readonly model: OnnxModel;
  /** Of every tensor of floating-point (or quantized) values that the file holds: initializers and constants in nodes. */
  readonly parameters: ReadonlyMap<OnnxTensor, Parameter>;
  /** Directions of each LSTM, GRU and RNN node, in the order of its weights. */
  readonly recurrent: ReadonlyMap<OnnxNode, readonly RecurrentLayer[]>;
  /**
   * Where the values of a constant of the main graph lie in one parameter, through Identity, Transpose, Reshape, Slice and the like;
   * undefined where the name is no such constant.
   */
  constant(name: string): ConstantView | undefined;
  /** The same for the body of a node of this graph. */
  inside(body: OnnxGraph): OnnxContents;
}

/** A tensor of any rank by strides over one parameter: value (i, j, …) is at `offset + i · strides[0] + j · strides[1] + …`. */
export interface ConstantView {
  readonly parameter: Parameter;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly strides: readonly number[];
}

/** What the lowering makes of a model: the graph and, for units that leave the file, what its numbers mean. */
export interface LoweredOnnx {
  readonly graph: Graph;
  readonly trainingNotes: readonly Message[];
  /** Values of the main graph that have a counterpart in ours. */
  readonly values: ReadonlyMap<string, Counterpart>;
  /** Numbers in the file that state a length. */
  readonly lengths: readonly StatedLength[];
  /** Inputs of recurrent nodes that only say that a state begins at 0, whatever its size: they can be left out. */
  readonly zeroStates: readonly NodeInput[];
  /** Tensors that are numbers of the computation, such as an epsilon or a mask, and no weights: not to be counted or trained. */
  readonly constants: ReadonlySet<Parameter>;
  /** Recurrent layers that no LSTM, GRU or RNN is, told by what the body of a Scan computes. */
  readonly spelled: readonly RecurrentLayer[];
  /** Nodes whose bodies are part of the graph. */
  readonly bodies: readonly OnnxNode[];
}

export interface NodeInput {
  readonly node: OnnxNode;
  readonly input: number;
}

export interface Counterpart {
  readonly value: ValueName;
  /** For each axis in the file: the axis of ours; null for one of length 1 that ours does not have. */
  readonly axes: readonly (number | null)[];
  /**
   * Names of one value in the file's own terms have the same text: its axes in the same order. Absent where the name holds several of ours.
   */
  readonly layout?: string;
}

/** One integer of a constant (such as the shape of a Reshape) or of an attribute: the length of an axis of one of our values. */
export interface StatedLength {
  readonly holder: OnnxTensor | OnnxAttribute;
  readonly index: number;
  readonly value: ValueName;
  readonly axis: number;
  /** Who reads the constant; another node may read the same one as something else. */
  readonly reader: NodeInput;
}
