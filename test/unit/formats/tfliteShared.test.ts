import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import type { Parameter } from '../../../extension/model/parameter.ts';
import { type FlatFields, flatBuffer } from '../../support/flatBuffer.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { floatBytes, smallTflite, type TfliteParts, tfliteRoot } from '../../support/tfliteFile.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const write = scratchFiles();
let count = 0;
const integers = Uint8Array.from({ length: 12 }, (_, i) => i + 1);

const scaled = (scale: number): FlatFields => ({ 2: { floats: [scale] }, 3: { longs: [0] } });

/** The small model, some of whose tensors are others. */
function changed(changes: Record<string, Partial<TfliteParts['tensors'][number]>>): TfliteParts {
  const parts = smallTflite();
  return { ...parts, tensors: parts.tensors.map((one) => ({ ...one, ...changes[one.name] })) };
}

/** Kernels of one buffer, by the scale that each has for it. */
const kernels = (scales: Record<string, number>) =>
  changed(
    Object.fromEntries(
      Object.entries(scales).map(([gate, scale]) => [
        `lstm/kernel_${gate}`,
        { type: 9, values: integers, quantization: scaled(scale) },
      ]),
    ),
  );

interface Saved {
  readonly before: Buffer;
  readonly after: Buffer;
  /** All weights that were found again. */
  readonly values: Map<string, number[]>;
  readonly hasGraph: boolean;
}

/** Opens a file, does something to its weights by name, saves it and opens it again. */
async function saved(
  content: Buffer,
  change: (parameter: (name: string) => Parameter) => void,
): Promise<Saved> {
  const path = write(`${count++}.tflite`, content);
  const output = join(dirname(path), `${count++}.tflite`);
  const model = await openModel(path);
  try {
    change((name) => {
      const found = model.parameters.find((one) => one.name === name);
      assert.ok(found, name);
      return found;
    });
    await model.save(output, { compress: false });
  } finally {
    await model.close();
  }
  const again = await openModel(output);
  const values = new Map<string, number[]>();
  for (const parameter of again.parameters) values.set(parameter.name, [...(await parameter.read())]);
  await again.close();
  return { before: content, after: readFileSync(output), values, hasGraph: again.graph !== undefined };
}

const bytesOf = (parts: TfliteParts, more: FlatFields = {}) =>
  flatBuffer({ ...tfliteRoot(parts), ...more }, 'TFL3');

/** The same values in the file, but behind its tables, at places that its buffers name. */
function withFileOffsets(parts: TfliteParts): Buffer {
  const contents = [...new Set(parts.tensors.flatMap(({ values }) => values ?? []))];
  const from = (start: number) => {
    let at = start;
    const tables = contents.map((values): FlatFields => {
      const place = at;
      at += values.length;
      return { 1: { long: BigInt(place) }, 2: { long: BigInt(values.length) } };
    });
    return bytesOf(parts, { 4: { tables: [{}, ...tables] } });
  };
  return Buffer.concat([from(from(2).length), ...contents]);
}

const evens = Uint8Array.from({ length: 12 }, (_, i) => i % 2);
const whole = [...integers];
const masked = whole.map((value, i) => value * (i % 2));
const times = (values: readonly number[], scale: number) => values.map((value) => value * scale);

describe('tensors of a TensorFlow Lite file that share a buffer', () => {
  for (const [where, make] of [
    ['within the tables', bytesOf],
    ['behind the tables', withFileOffsets],
  ] as const)
    test(`get one of their own where they are pruned otherwise, of values ${where}`, async () => {
      const content = make(kernels({ i: 0.5, f: 2, c: 4 }));
      const original = await saved(content, () => {});
      const { before, after, values } = await saved(content, (parameter) => {
        parameter('lstm/kernel_f').mask = evens;
        parameter('lstm/kernel_c').mask = evens.map((kept) => 1 - kept);
      });
      assert.deepEqual(original.after, before);
      assert.ok(after.length > before.length);
      assert.deepEqual([...values.keys()], [...original.values.keys()]);
      const expected = new Map(original.values).set('lstm/kernel_f', times(masked, 2)).set(
        'lstm/kernel_c',
        times(whole, 4).map((value, i) => value * ((i + 1) % 2)),
      );
      assert.deepEqual(values, expected);
      assert.deepEqual(values.get('lstm/kernel_i'), times(whole, 0.5));
    });

  test('keep it where they are pruned alike', async () => {
    const { before, after, values } = await saved(bytesOf(kernels({ i: 0.5, f: 2 })), (parameter) => {
      for (const gate of ['i', 'f']) parameter(`lstm/kernel_${gate}`).mask = evens.slice();
    });
    assert.equal(after.length, before.length);
    assert.deepEqual(values.get('lstm/kernel_i'), times(masked, 0.5));
    assert.deepEqual(values.get('lstm/kernel_f'), times(masked, 2));
  });

  test('of one scale are one weight, which moves whole', async () => {
    const { values } = await saved(bytesOf(kernels({ i: 0.5, f: 2, o: 2 })), (parameter) => {
      parameter('lstm/kernel_f').trained = Float32Array.from(times(whole, -2));
    });
    assert.ok(!values.has('lstm/kernel_o'));
    assert.deepEqual(values.get('lstm/kernel_i'), times(whole, 0.5));
    assert.deepEqual(values.get('lstm/kernel_f'), times(whole, -2));
  });

  test('are trained apart from numbers that are no weights', async () => {
    const parts = smallTflite();
    const values = parts.tensors.find(({ name }) => name === 'place_0')?.values;
    assert.ok(values);
    const shared = { ...parts, tensors: [...parts.tensors, { name: 'shared', shape: [3], values }] };
    const { values: found, hasGraph } = await saved(bytesOf(shared), (parameter) => {
      parameter('shared').trained = Float32Array.of(1, 2, 3);
    });
    assert.deepEqual(found.get('shared'), [1, 2, 3]);
    // The slice that reads the others would begin elsewhere.
    assert.ok(hasGraph);
  });

  test('stay together where a newer file has more than is known', async () => {
    const content = bytesOf(kernels({ i: 0.5, f: 2 }), { 10: { int: 1 } });
    await saved(content, () => {});
    const prune = () =>
      saved(content, (parameter) => {
        parameter('lstm/kernel_f').mask = evens;
      });
    await assertRefuses(prune, 'tfliteNewer', 'TensorFlow 2.21');
  });

  test('have no values where it is the first, as the interpreter has it', async () => {
    const parts = smallTflite();
    const { 4: buffers, ...root } = tfliteRoot(parts);
    assert.ok('tables' in buffers);
    const tables = [{ 0: { bytes: floatBytes(12, 1) } }, ...buffers.tables.slice(1)];
    const path = write(`${count++}.tflite`, flatBuffer({ ...root, 4: { tables } }, 'TFL3'));
    const model = await openModel(path);
    await model.close();
    assert.ok(!model.parameters.some(({ name }) => name === 'x'));
  });
});
