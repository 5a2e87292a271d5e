// What data tells of weights, judged by PyTorch's autograd and NumPy.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createTrainingSession } from '../../extension/engine/createSession.ts';
import type { Evidence, EvidenceKind } from '../../extension/model/evidence.ts';
import { gathered } from '../../extension/model/gateView.ts';
import { optimizerDefaults } from '../../extension/model/optimizer.ts';
import { readMasked } from '../../extension/model/parameter.ts';
import type { RecurrentLayer } from '../../extension/model/recurrentLayer.ts';
import { fisher } from '../../extension/pruning/criteria/fisher.ts';
import { taylor } from '../../extension/pruning/criteria/taylor.ts';
import { type Prunable, prunablesOf } from '../../extension/pruning/prunable.ts';
import { gatherEvidence } from '../../extension/training/evidence/gather.ts';
import { prune } from '../support/engineTable.ts';
import type { TrainingCase } from '../support/trainingGraphs.ts';
import { described } from './describedCase.ts';
import { runPython, scratchFolder } from './environment.ts';
import { gradientCases } from './gradientCases.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

/** Largest difference, as a share of the array's largest value. */
const tolerance = 1e-4;
const kinds = [
  'gradient',
  'squaredGradient',
  'columnSaliency',
  'inputNorms',
  'units',
] as const satisfies EvidenceKind[];

type Arrays = Readonly<Record<string, PackedArray>>;
interface Answer {
  readonly gradient: Arrays;
  readonly squaredGradient: Arrays;
  readonly taylor: Arrays;
  readonly fisher: Arrays;
  readonly columnSaliency: Arrays;
  readonly inputNorms: Arrays;
  readonly units: Readonly<Record<string, Arrays>>;
}

// Those of students have a second loss against a teacher, which is gradients' own affair.
const cases = [0, 0.5].flatMap((share) =>
  gradientCases()
    .filter(({ graph }) => graph.nodes.filter(({ op }) => op === 'Loss').length === 1)
    .map((one) => ({ one, share })),
);
let answers: Answer[];
let remove: () => Promise<void>;

before(async () => {
  const scratch = await scratchFolder();
  remove = scratch.remove;
  for (const { one, share } of cases) {
    prune(one, share);
    // Frozen weights are judged like any other.
    Object.assign(one.parameters[0], { trainable: false });
  }
  const jobs = join(scratch.folder, 'cases.json');
  await writeFile(jobs, JSON.stringify(await Promise.all(cases.map(({ one }) => described(one)))));
  answers = JSON.parse(await runPython('evidence.py', [jobs])) as Answer[];
});
after(() => remove());

describe('evidence is that of PyTorch and NumPy', () => {
  for (const [i, { one, share }] of cases.entries()) {
    test(`${one.name}, ${100 * share} % masked`, async () => {
      const { evidence, prunables } = await evidenceOf(one);
      const answer = answers[i];
      for (const prunable of prunables) {
        await compareWeights(prunable, evidence, answer);
        compareColumns(prunable, evidence, answer);
      }
      for (const [layer, activity] of evidence.units ?? []) {
        for (const [name, values] of Object.entries(activity)) {
          const expected = answer.units[layer.name][name];
          if (expected) near(values, unpacked(expected).data, `${name} of ${layer.name}`);
        }
      }
    });
  }
});

async function evidenceOf({ graph, parameters, inputs }: TrainingCase) {
  const layers = graph.nodes.flatMap((node): RecurrentLayer[] => ('layer' in node ? [node.layer] : []));
  const prunables = prunablesOf({ layers, parameters }, { include: '*' });
  const session = await createTrainingSession(graph, { engine: 'wasm', optimizer: optimizerDefaults.adam });
  const source = { session, graph, layers, parts: prunables, inputs: inputs.slice(0, -1), fed: inputs };
  try {
    return { evidence: await gatherEvidence(kinds, source), prunables };
  } finally {
    await session.dispose();
  }
}

/** Gradients, and the scores that come of them; masked weights have none. */
async function compareWeights(prunable: Prunable, evidence: Evidence, answer: Answer): Promise<void> {
  const { view, name, matrixName } = prunable;
  const { parameter } = view;
  const kept = parameter.mask && gathered(view, Float32Array.from(parameter.mask));
  const expected = (arrays: Arrays) => {
    const own = gathered(view, unpacked(arrays[parameter.name]).data as Float32Array);
    return kept ? own.map((value, i) => value * kept[i]) : own;
  };
  const found = (kind: 'gradient' | 'squaredGradient') =>
    gathered(view, evidence[kind]?.get(parameter) ?? new Float32Array());
  near(found('gradient'), expected(answer.gradient), `gradient of ${name}`);
  near(found('squaredGradient'), expected(answer.squaredGradient), `squared gradient of ${name}`);
  for (const [criterion, arrays] of [
    [taylor, answer.taylor],
    [fisher, answer.fisher],
  ] as const) {
    const values = gathered(view, await readMasked(parameter));
    const scores = criterion.scores({ view, matrixName, values }, evidence, 1)?.map(Math.abs);
    near(scores, expected(arrays), `${criterion === taylor ? 'taylor' : 'fisher'} of ${name}`);
  }
}

function compareColumns({ matrixName, view }: Prunable, evidence: Evidence, answer: Answer): void {
  if (view.parameter.shape.length < 2) return;
  for (const kind of ['columnSaliency', 'inputNorms'] as const) {
    const expected = unpacked(answer[kind][matrixName]).data;
    near(evidence[kind]?.get(matrixName), expected, `${kind} of ${matrixName}`);
  }
}

function near(found: Float32Array | undefined, expected: ArrayLike<number>, what: string): void {
  assert.equal(found?.length, expected.length, what);
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs((found as Float32Array)[i] - expected[i]);
    difference = Math.max(difference, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  assert.ok(difference <= tolerance * largest, `${what}: off by ${difference} of ${largest}`);
}
