import type { Message } from '../protocol/messages.ts';
import type { AttentionNode } from './attentionNode.ts';
import type { GateView } from './gateView.ts';
import type { Loss } from './loss.ts';
import type { MergeNode } from './mergeNode.ts';
import type { NodeBase } from './nodeBase.ts';
import type { Parameter } from './parameter.ts';
import type { ActivityPenalty } from './penalty.ts';
import { auxiliarySize, type RecurrentLayer } from './recurrentLayer.ts';
import type { Tensor } from './tensor.ts';
import type { ConvNode, PoolNode } from './windowNodes.ts';

/** Name of a value that flows through the graph. */
export type ValueName = string;

export interface GraphInput {
  readonly name: ValueName;
  /** Batch first; null where free. */
  readonly shape: readonly (number | null)[];
  /** How many samples the file fixes a batch to, as layers need that keep their states. Computed are any number. */
  readonly batch?: number;
  /** int32 where it feeds an embedding: token ids from 0 to `vocabulary` − 1. */
  readonly dtype: 'float32' | 'int32';
  readonly vocabulary?: number;
}

/**
 * An elementwise function, by its ONNX operator; alpha and beta as ONNX defines them for it (of Shrink: lambd and bias).
 * Affine, ScaledTanh and ThresholdedRelu are those of ONNX' recurrent operators. The last five are ours.
 */
export interface Activation {
  readonly op: ActivationOp;
  readonly alpha?: number;
  readonly beta?: number;
}
export type ActivationOp =
  | 'Identity'
  | 'Relu'
  | 'Sigmoid'
  | 'HardSigmoid'
  | 'Tanh'
  | 'Softplus'
  | 'Softsign'
  | 'Elu'
  | 'Selu'
  | 'Celu'
  | 'Gelu'
  | 'Exp'
  | 'Log'
  | 'Sqrt'
  | 'Reciprocal'
  | 'Abs'
  | 'Erf'
  | 'Sin'
  | 'Cos'
  | 'LeakyRelu'
  | 'Clip'
  | 'Affine'
  | 'ScaledTanh'
  | 'ThresholdedRelu'
  | 'Swish'
  | 'HardSwish'
  | 'Mish'
  | 'Shrink'
  | 'TanhShrink'
  | 'LogSigmoid'
  | 'Squareplus'
  | 'SparsePlus'
  /** Towards 0, as a cast to whole numbers. */
  | 'Trunc';

/** What a recurrent cell may apply: an elementwise function, or a softmax over its units. */
export type CellActivation = Activation | { readonly op: 'Softmax' | 'LogSoftmax' };

/**
 * A recurrent layer in one direction. Inputs: x [B,T,I] and, where it does not start from zeros, the initial h [B,P] and of
 * an LSTM the initial c [B,H]; last the second sequence [B,T,A] of a layer that reads one. Outputs, as many as are named: all outputs
 * [B,T,P], the last output [B,P], the final h [B,P] (of a masked sequence with zeroMaskedOutput not the same), of an LSTM the final c [B,H]
 * and, where it has a projection, what that is applied to [B,T,H], by which hidden units are judged. P is H where the layer has no
 * projection.
 */
export interface RecurrentNode extends NodeBase {
  readonly op: 'LSTM' | 'GRU' | 'RNN';
  readonly layer: RecurrentLayer;
  /** Of the gates (i, f, o; z, r); unused by a plain RNN. */
  readonly gateActivation: CellActivation;
  /** Of the candidate, and of an LSTM's cell state before the output gate where that has none of its own. */
  readonly activation: CellActivation;
  /** LSTM: of the cell state before the output gate, where it is not the candidate's (ONNX' h). */
  readonly outputActivation?: CellActivation;
  /** What goes into the gates' activations is clipped to ±clip (ONNX). */
  readonly clip?: number;
  /** LSTM: the cell state is clipped to ±cellClip, the projection to ±projectionClip (TensorFlow Lite). */
  readonly cellClip?: number;
  readonly projectionClip?: number;
  /** LSTM: the forget gate is 1 − the input gate, and its own weights are not used (ONNX input_forget). */
  readonly inputForget?: boolean;
  /** GRU: apply the reset gate after the recurrent product (ONNX linear_before_reset, Keras reset_after). */
  readonly linearBeforeReset?: boolean;
  /** Keras computes each gate by itself (implementation=1), which changes what is rounded in halves. */
  readonly gateByGate?: boolean;
  /** Value of the mask [B,T], 1 = a real step. At masked steps the state is held. */
  readonly mask?: ValueName;
  /** Masked steps put out zeros (Keras' zero_output_for_mask) instead of the last output. */
  readonly zeroMaskedOutput?: boolean;
  /** From the last step to the first (ONNX direction reverse): outputs stay at their steps, the last one is that of step 0. */
  readonly reverse?: boolean;
  /** The file's layer begins where the batch before ended. Here every batch begins anew; conversions hand the setting on. */
  readonly stateful?: boolean;
  /** Share of the inputs dropped while training, one choice a sample for all steps and gates (Gal & Ghahramani 2016; Keras 3). */
  readonly dropout?: number;
  /** The same of the h that enters the recurrent kernel. */
  readonly recurrentDropout?: number;
}

/**
 * Ours: inputs the loss' values [B,…,C] (logits where it takes them) and targets; outputs the mean loss [] over the rows
 * that count, and how many those are [].
 */
export interface LossNode extends NodeBase {
  readonly op: 'Loss';
  readonly loss: Loss;
  /** [B,T]: steps of 0 do not count, whatever their targets are. */
  readonly mask?: ValueName;
  /** Not negative; absent: 1. What a training lowers is the sum of factor · mean over all Loss nodes; the mean is put out without it. */
  readonly factor?: number;
}

/** Nodes in the vocabulary of ONNX operators; those that ONNX lacks say so. Parameters stand beside the value inputs. */
export type GraphNode =
  | RecurrentNode
  | MergeNode
  | AttentionNode
  | ConvNode
  | PoolNode
  | LossNode
  /**
   * y = x · W + b over the last axis; W [in, out] of the parameter, or transposed [out, in], as PyTorch keeps it. Where W and b have
   * more axes, such as [in, heads, size], the first `inputAxes` of W together are the inputs, the others the outputs.
   */
  | (NodeBase & {
      readonly op: 'MatMul';
      readonly weight: Parameter;
      readonly bias?: Parameter;
      readonly transposed?: boolean;
      readonly inputAxes?: number;
    })
  /** a [B,…,n,k] · b [B,…,k,m]: a product of two values, such as queries and keys; the axes before as a merge takes them. */
  | (NodeBase & { readonly op: 'Product' })
  | (NodeBase & { readonly op: 'Activation'; readonly activation: Activation })
  /** Numbers that are not learned, the same for every sample: the batch axis has the length 1. No inputs. */
  | (NodeBase & { readonly op: 'Constant'; readonly value: Tensor })
  /**
   * Ours: learned values as a value of the graph, the same for every sample: the batch axis has the length 1. Row-major, the view's rows
   * and columns are the axes of the shape that are longer than 1. No inputs.
   */
  | (NodeBase & { readonly op: 'Weight'; readonly view: GateView; readonly shape: readonly number[] })
  /** Ours: x with its axis of length 1 repeated, `count` times, or as long as `likeAxis` of the second input is. */
  | (NodeBase & {
      readonly op: 'Expand';
      readonly axis: number;
      readonly count?: number;
      readonly likeAxis?: number;
    })
  /**
   * From begin up to end along an axis behind the batch; both may count from the end, and an absent end is it, or as many places from the
   * first on as `likeAxis` of the second input has.
   */
  | (NodeBase & {
      readonly op: 'Slice';
      readonly axis: number;
      readonly begin: number;
      readonly end?: number;
      readonly step?: number;
      readonly likeAxis?: number;
    })
  /** Ours: what is at one place of an axis behind the batch, counted from the end where it is negative; the axis goes. */
  | (NodeBase & { readonly op: 'Select'; readonly axis: number; readonly index: number })
  /** Ours, for ONNX' ReduceSum and the like over any axes behind the batch. */
  | (NodeBase & {
      readonly op: 'Reduce';
      readonly by: 'Sum' | 'Mean' | 'Max' | 'Min';
      readonly axes: readonly number[];
      readonly keepAxes?: boolean;
    })
  /** Ours: y = factor · x, such as logits by a temperature's inverse. */
  | (NodeBase & { readonly op: 'Scale'; readonly factor: number })
  | (NodeBase & { readonly op: 'Softmax'; readonly axis: number })
  | (NodeBase & { readonly op: 'LogSoftmax'; readonly axis: number })
  /** Rows of the table [vocabulary, width] by integer ids. */
  | (NodeBase & { readonly op: 'Gather'; readonly table: Parameter })
  | (NodeBase & { readonly op: 'Concat'; readonly axis: number })
  /** Target shape without the batch axis; −1 at most once. */
  | (NodeBase & { readonly op: 'Reshape'; readonly shape: readonly number[] })
  /** All axes from one on (absent: 1) become one. */
  | (NodeBase & { readonly op: 'Flatten'; readonly axis?: number })
  /** Reverses the time axis of x [B,T,…]. */
  | (NodeBase & { readonly op: 'Reverse' })
  /** Over any one axis; ONNX knows only axis 1. By the file's statistics while training, too: they are never trained. */
  | (NodeBase & {
      readonly op: 'BatchNormalization';
      readonly axis: number;
      readonly epsilon: number;
      readonly mean: Parameter;
      readonly variance: Parameter;
      /** The statistics are those of data before any training (Keras' Normalization). */
      readonly adapted?: true;
      readonly gamma?: Parameter;
      readonly beta?: Parameter;
    })
  /** To mean 0 and variance 1 along one axis of every row, then times gamma plus beta; ONNX normalises that axis and all behind. */
  | (NodeBase & {
      readonly op: 'LayerNormalization';
      readonly axis: number;
      readonly epsilon: number;
      readonly gamma?: Parameter;
      readonly beta?: Parameter;
    })
  /**
   * To mean 0 and variance 1 over all axes but the batch, the channels of one axis cut into so many groups by themselves; then times
   * gamma plus beta, one value a channel (Wu and He 2018).
   */
  | (NodeBase & {
      readonly op: 'GroupNormalization';
      readonly groups: number;
      readonly axis: number;
      readonly epsilon: number;
      readonly gamma?: Parameter;
      readonly beta?: Parameter;
    })
  /** x / sqrt(max(Σ x², epsilon)) along one axis; ONNX with p = 2. */
  | (NodeBase & { readonly op: 'LpNormalization'; readonly axis: number; readonly epsilon: number })
  /** x where it is positive, else slope · x. The slope has one value a place behind the batch, or 1 along an axis that shares it. */
  | (NodeBase & { readonly op: 'PRelu'; readonly slope: Parameter })
  /** Steps of 0 before and behind those of x [B,T,…]; of negative ones so many are left out. */
  | (NodeBase & { readonly op: 'Pad'; readonly before: number; readonly after: number })
  /** Each step of x [B,T,I] `factor` times. */
  | (NodeBase & { readonly op: 'Upsample'; readonly factor: number })
  /** Over the steps of x [B,T,I], without those that are masked: [B,I], or [B,1,I] where the axis is kept. */
  | (NodeBase & {
      readonly op: 'ReduceMean' | 'ReduceMax';
      readonly keepAxis?: boolean;
      readonly mask?: ValueName;
    })
  /** Ours: x [B,I] as every one of `count` steps [B,count,I]. */
  | (NodeBase & { readonly op: 'RepeatVector'; readonly count: number })
  /** Output axis i is input axis permutation[i]; the batch stays first. */
  | (NodeBase & { readonly op: 'Transpose'; readonly permutation: readonly number[] })
  /** Ours: mask [B,T] of x [B,T], or of x [B,T,I] where any feature differs from `value`; of other x, whether each value does. */
  | (NodeBase & { readonly op: 'NotEqualMask'; readonly value: number; readonly overFeatures: boolean })
  /** Ours: mask [B,T] of x [B,T,…] by its lengths; inputs lengths [B], whole numbers, and x. */
  | (NodeBase & { readonly op: 'LengthMask' })
  /** Ours: x [B,T,I] with masked steps set to 0; inputs x and mask. */
  | (NodeBase & { readonly op: 'ApplyMask' })
  /** Ours: logical and, logical or of masks. */
  | (NodeBase & { readonly op: 'And' | 'Or' })
  /** Active only while training. Along the shared axes, such as the steps, all values stay or go together. */
  | (NodeBase & { readonly op: 'Dropout'; readonly rate: number; readonly sharedAxes?: readonly number[] });

export interface GraphOutput {
  readonly name: ValueName;
  /** Mask [B,T] that leaves steps out of the loss. */
  readonly mask?: ValueName;
}

/** Nodes in an order in which every value is computed before it is used. */
export interface Graph {
  readonly inputs: readonly GraphInput[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly GraphOutput[];
  /** What regularizers of the file add to the loss beside the penalties of parameters. */
  readonly activityPenalties?: readonly ActivityPenalty[];
  /** The file's library adds penalties only where it trains. */
  readonly evaluatedWithoutPenalties?: true;
  /** What was taken for granted of it: what the file does not say, or what a file alone cannot know. */
  readonly assumptions?: readonly Message[];
}

/** Whether a node is a recurrent layer in one direction. */
export function isRecurrent(node: { readonly op: string } | undefined): node is RecurrentNode {
  return node?.op === 'LSTM' || node?.op === 'GRU' || node?.op === 'RNN';
}

/** What a recurrent node's inputs are. @param all one for each of them: names, shapes, values */
export function recurrentInputs<One>(
  { layer }: Pick<RecurrentNode, 'layer'>,
  all: readonly One[],
): { readonly x: One; readonly initial: readonly One[]; readonly auxiliary: One | undefined } {
  const [x, ...others] = all;
  const auxiliary = auxiliarySize(layer) > 0 ? others.pop() : undefined;
  return { x, initial: others, auxiliary };
}

/** The losses that a training lowers; the first is the one that is reported. */
export function lossesOf({ nodes }: Pick<Graph, 'nodes'>): LossNode[] {
  return nodes.filter((node) => node.op === 'Loss');
}
