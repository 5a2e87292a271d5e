import { isCudnn, plainCudnn } from '../cudnn.ts';
import type { PlacedLayer, SeveralLowering, Value } from './lowering.ts';
import { lowerRecurrent } from './recurrent.ts';
import { unsupported } from './refusals.ts';

/** CuDNNLSTM and CuDNNGRU compute what an LSTM and a GRU of Keras' own do. */
export const cudnn: SeveralLowering = (layer, inputs, builder) => {
  for (const x of inputs) refuseMask(layer, layer.className, x);
  return lowerRecurrent(plainCudnn(layer), inputs, builder);
};

/** Keras refuses to call a cuDNN layer with a mask, so no model was ever trained with one. */
export function refuseMask(layer: PlacedLayer, className: string, { mask }: Value): void {
  if (isCudnn(className) && mask !== undefined) throw unsupported(layer, { code: 'optionMasked', args: {} });
}
