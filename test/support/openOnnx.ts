import { onnxModel, openSource } from '../../extension/formats/onnx/model.ts';
import type { OnnxModel } from '../../extension/formats/onnx/proto.ts';
import { readModel } from '../../extension/formats/onnx/read/model.ts';
import { gathered } from '../../extension/model/gateView.ts';
import type { Model } from '../../extension/model/model.ts';
import type { RecurrentLayer } from '../../extension/model/recurrentLayer.ts';

/** Reads the structure of a file. */
export async function parsed(path: string): Promise<OnnxModel> {
  const { close, ...source } = await openSource(path);
  try {
    return await readModel(source);
  } finally {
    await close();
  }
}

/** Does something with an open model, and closes it. */
export async function withOnnx<T>(path: string, work: (model: Model) => Promise<T>): Promise<T> {
  const { close, ...source } = await openSource(path);
  try {
    return await work(await onnxModel(source, close));
  } finally {
    await close();
  }
}

/** All weights of a layer by gate, as rows [H, …] one after another; biases one after another. */
export async function gateValues(
  layer: RecurrentLayer,
): Promise<Record<string, Record<'kernel' | 'recurrent' | 'biases' | 'peephole', number[]>>> {
  const values = async (views: readonly RecurrentLayer['gates'][number]['kernel'][]) => {
    const all: number[] = [];
    for (const view of views) all.push(...gathered(view, await view.parameter.read()));
    return all;
  };
  const gates = await Promise.all(
    layer.gates.map(async ({ name, kernel, recurrent, biases, peephole }) => [
      name,
      {
        kernel: await values([kernel]),
        recurrent: await values([recurrent]),
        biases: await values(biases),
        peephole: await values(peephole ? [peephole] : []),
      },
    ]),
  );
  return Object.fromEntries(gates);
}
