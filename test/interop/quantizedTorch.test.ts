// Models of PyTorch of which some layers are packed by quantization: pruned without them, judged by PyTorch.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { convert } from '../../extension/jobs/convert.ts';
import { inspect } from '../../extension/jobs/inspect.ts';
import { prune } from '../../extension/jobs/prune.ts';
import { recordedContext } from '../support/jobContext.ts';
import { assertRefuses } from '../support/throwsCode.ts';
import { runPython, scratchFolder } from './environment.ts';

interface Judged {
  readonly zeros: number;
  /** The packed layer computes what it did. */
  readonly sameHead: boolean;
  readonly runs: readonly number[];
}

const { folder, remove } = await scratchFolder();
after(remove);
const kinds = ['whole', 'script', 'state'] as const;
await runPython('quantizedTorch.py', ['make', folder]);
const fileOf = (kind: string) => join(folder, `${kind}.pt`);
for (const kind of kinds) {
  const output = fileOf(`pruned-${kind}`);
  await prune({ path: fileOf(kind), recipe: { sparsity: 0.5, scope: 'layer' }, output }, recordedContext());
}
const judged = JSON.parse(await runPython('quantizedTorch.py', ['judge', folder, 'pruned-'])) as Record<
  (typeof kinds)[number],
  Judged
>;

describe('a model with a quantised layer behind a recurrent one', () => {
  for (const kind of kinds) {
    test(`${kind}: is pruned, and PyTorch loads it with the packed layer as it was`, () => {
      assert.deepEqual(judged[kind], { zeros: 0.5, sameHead: true, runs: [2, 3] });
    });

    test(`${kind}: is not computed without that layer, and so not converted`, async () => {
      const { assumptions, notEvaluable } = await inspect({ path: fileOf(kind) }, recordedContext());
      assert.equal(assumptions, undefined);
      assert.deepEqual(notEvaluable?.cause, { code: 'reasonModulePacked', args: { module: 'fc' } });
      const output = fileOf(kind).replace('.pt', '.onnx');
      await assertRefuses(
        () => convert({ path: fileOf(kind), output }, recordedContext()),
        'graphNotConverted',
        '"fc"',
      );
    });
  }
});
