// What files of real Keras say about their training: optimizers, learning rates, frozen layers.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import type { Model } from '../../extension/model/model.ts';
import type { OptimizerName } from '../../extension/protocol/recipe.ts';
import { runPython, scratchFolder } from './environment.ts';

interface Compiled {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, number | boolean>>;
  readonly learningRate: number | null;
}
interface Weight {
  readonly sum: number;
  readonly size: number;
  readonly trainable: boolean;
}

/** By the names in configurations.py: the rule that is used, and how the file's is called where it is another one. */
const optimizers: Record<string, [rule: OptimizerName | undefined, unknown?: string]> = {
  adam: ['adam'],
  adam_by_name: ['adam'],
  sgd_by_name: ['sgd'],
  rmsprop_by_name: ['rmsprop'],
  sgd: ['sgd'],
  rmsprop: ['rmsprop'],
  schedule: ['sgd'],
  scaled: ['adam'],
  adamw: ['adam', 'AdamW, weight_decay 0.004'],
  amsgrad: ['adam', 'Adam, amsgrad'],
  clipped: ['sgd', 'SGD, global_clipnorm 1'],
  centered: ['rmsprop', 'RMSprop, centered'],
  nadam: [undefined, 'Nadam'],
  adagrad: [undefined, 'Adagrad'],
  adadelta: [undefined, 'Adadelta'],
  adamax: [undefined, 'Adamax'],
  lion: [undefined, 'Lion'],
  ftrl: [undefined, 'Ftrl'],
};
/** Our names of Keras' settings. */
const spellings: Record<string, string> = { beta1: 'beta_1', beta2: 'beta_2' };

let folder: string;
let remove: () => Promise<void>;
let made: { optimizers: Compiled[]; frozen: { name: string; weights: Weight[] }[] };

before(async () => {
  ({ folder, remove } = await scratchFolder());
  made = JSON.parse(await runPython('configurations.py', [folder]));
  assert.deepEqual(
    made.optimizers.map(({ name }) => name),
    Object.keys(optimizers),
  );
});
after(() => remove());

async function opened<T>(name: string, use: (model: Model) => T | Promise<T>): Promise<T> {
  const model = await openModel(join(folder, name));
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}

for (const suffix of ['keras', 'h5']) {
  for (const [name, [rule, unknown]] of Object.entries(optimizers)) {
    test(`${name}.${suffix} is read with the numbers that Keras gives`, async () => {
      const training = await opened(`${name}.${suffix}`, (model) => model.training);
      const { config, learningRate } = made.optimizers.find((one) => one.name === name) as Compiled;
      assert.equal(training?.optimizer?.name, rule);
      assert.equal(training?.unknownOptimizer, unknown);
      for (const [key, value] of Object.entries(training?.optimizer ?? {})) {
        if (key !== 'name') assert.equal(value, config[spellings[key] ?? key], key);
      }
      if (rule === undefined || learningRate === null) assert.equal(training?.learningRate, undefined);
      else assert.equal(Math.fround(training?.learningRate as number), Math.fround(learningRate));
    });
  }

  test(`.${suffix}: what Keras would not train is not trainable`, async () => {
    for (const { name, weights } of made.frozen) {
      const found = await opened(`${name}.${suffix}`, ({ parameters }) =>
        Promise.all(
          parameters.map(async (parameter): Promise<Weight> => {
            const values = await parameter.read();
            const sum = values.reduce((total, value) => total + value, 0);
            // Moving statistics are never trained, whatever they are marked as.
            const trainable = parameter.trainable && !parameter.name.includes('/moving_');
            return { sum, size: values.length, trainable };
          }),
        ),
      );
      assert.equal(found.length, weights.length, name);
      for (const { sum, size, trainable } of weights) {
        const own = found.find((weight) => weight.size === size && Math.abs(weight.sum - sum) < 1e-6);
        assert.equal(own?.trainable, trainable, `${name}: the weight of ${size} values`);
      }
      assert.ok(
        weights.some((weight) => !weight.trainable),
        name,
      );
    }
  });
}
