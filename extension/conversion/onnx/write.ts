import { open } from 'node:fs/promises';
import { bytesField, fieldHead } from '../../formats/protobuf/fields.ts';
import type { Graph, GraphInput } from '../../model/graph.ts';
import type { Shape } from '../../ops/shape.ts';
import { UserError } from '../../protocol/userError.ts';
import { OnnxBuilder } from './builder.ts';
import { type Dimension, fieldLength, graphFields, modelHead, tensorHead, valueMessage } from './messages.ts';
import { addNode } from './nodes.ts';
import { Values } from './values.ts';

/** Of the operators that are used; everything that reads ONNX today knows them. */
const opset = 17;
/** That came with the opset. */
const irVersion = 8;
/** Protocol buffers end at 2 GiB. */
const largest = 2 ** 31 - 1;

/**
 * Writes a graph with its weights, trained and masked, as an ONNX model of opset 17 to a path that does not exist. Inputs and outputs are
 * batch first and keep their names; weights are float32. Throws `UserError` tooLarge.
 * @param shapes of all values of the graph
 * @param step called between weights; throws to stop
 */
export async function writeOnnx(
  path: string,
  graph: Graph,
  shapes: ReadonlyMap<string, Shape>,
  step?: () => Promise<void>,
): Promise<void> {
  const { head, initializers, tail } = layOut(graph, shapes);
  const file = await open(path, 'wx');
  try {
    const tensors = initializers.map((one) => ({ one, start: tensorHead(one) }));
    const sizes = tensors.map(({ one, start }) =>
      fieldLength(graphFields.initializer, start.length + one.length),
    );
    const length = head.length + sizes.reduce((sum, size) => sum + size, 0) + tail.length;
    if (length > largest)
      throw new UserError('tooLarge', { file: path, what: 'ONNX', needed: length, limit: largest });
    await file.appendFile(modelHead(opset, irVersion, 'lstm-pruner', length));
    await file.appendFile(head);
    for (const { one, start } of tensors) {
      await step?.();
      await file.appendFile(fieldHead(graphFields.initializer, start.length + one.length));
      await file.appendFile(start);
      await file.appendFile(await one.bytes());
    }
    await file.appendFile(tail);
  } finally {
    await file.close();
  }
}

/** The parts of a GraphProto before and behind its constants. */
function layOut(graph: Graph, shapes: ReadonlyMap<string, Shape>) {
  const b = new OnnxBuilder(shapes);
  const values = new Values(b, graph);
  for (const { name } of graph.inputs) {
    b.take(name);
    values.set(name, name);
  }
  for (const node of graph.nodes) addNode(b, node, values);
  b.origin = 'outputs';
  // A value is called by its layer and a number; the model's outputs by the layer alone.
  const named = graph.outputs.map(({ name }) => {
    const layer = name.replace(/:\d+$/, '');
    const shown = b.take(layer) ? layer : b.fresh(layer);
    b.rename(values.of(name), shown);
    return { name, shown };
  });
  const head = Buffer.concat([
    ...b.nodes.map((node) => bytesField(graphFields.node, node)),
    bytesField(graphFields.name, 'model'),
  ]);
  const describe = (field: number, name: string, type: GraphInput['dtype'], shown = name) =>
    bytesField(field, valueMessage(shown, type, dimensions(shown, shapes.get(name) ?? [])));
  const tail = Buffer.concat([
    ...graph.inputs.map(({ name, dtype }) => describe(graphFields.input, name, dtype)),
    ...named.map(({ name, shown }) => describe(graphFields.output, name, 'float32', shown)),
  ]);
  return { head, tail, initializers: b.initializers };
}

/** Free lengths have names: all batches the same, others of their value and axis. */
function dimensions(name: string, shape: Shape): Dimension[] {
  return shape.map((length, axis) => length ?? (axis === 0 ? 'batch' : `${name}_${axis}`));
}
