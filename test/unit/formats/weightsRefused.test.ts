// Files of Keras whose weights cannot be what the configuration says, or cannot be read.
import { test } from 'node:test';
import type { MessageCode } from '../../../extension/protocol/messages.ts';
import {
  type LegacyFile,
  type StoredWeight,
  writeKerasArchive,
  writeKerasH5,
} from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { small, smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { weight, withModel } from './open.ts';
import { sequential } from './weightFiles.ts';

const write = scratchFiles();

const [lstm, dense] = smallLegacy().layers;
const { inputs, hidden } = small;
const withLstm = (...weights: StoredWeight[]): Partial<LegacyFile> => ({
  layers: [{ name: 'lstm', weights }, dense],
});
const wide = 4 * hidden;
const refusals: [string, Partial<LegacyFile>, MessageCode, string[]][] = [
  ['no configuration and no weights', { without: 'both' }, 'notAModel', ['neither a model configuration']],
  ['no weights at all', { without: 'weights' }, 'notAModel', ['there are no weights']],
  ['no weights for the layer', { layers: [dense] }, 'noWeightsForLayer', ['lstm']],
  ['a layer with an empty list of weights', withLstm(), 'noWeightsForLayer', ['lstm']],
  ['only a kernel', withLstm(lstm.weights[0]), 'noWeightsForLayer', ['lstm']],
  [
    'a kernel of another width',
    withLstm(weight('k', inputs, wide + 1), lstm.weights[1]),
    'weightShape',
    ['kernel', `[…, ${wide}]`, `[${inputs}, ${wide + 1}]`],
  ],
  [
    'a flat kernel',
    withLstm(weight('k', inputs * wide), lstm.weights[1]),
    'weightShape',
    ['kernel', `[${inputs * wide}]`],
  ],
  [
    'a recurrent kernel that is not square in its units',
    withLstm(lstm.weights[0], weight('r', hidden + 1, wide)),
    'weightShape',
    ['recurrent_kernel', `[${hidden}, ${wide}]`, `[${hidden + 1}, ${wide}]`],
  ],
  [
    'a bias that is too long',
    withLstm(lstm.weights[0], lstm.weights[1], weight('b', wide + 3)),
    'weightShape',
    ['bias', `[${wide}]`, `[${wide + 3}]`],
  ],
  [
    'a bias that is too short',
    withLstm(lstm.weights[0], lstm.weights[1], weight('b', 3)),
    'weightShape',
    ['bias'],
  ],
  ['three biases', withLstm(lstm.weights[0], lstm.weights[1], weight('b', 3, wide)), 'weightShape', ['bias']],
  ['text for a configuration', { config: 'LSTM(5)' }, 'notAModel', ['configuration']],
  [
    'no recurrent layer',
    { config: sequential({ class_name: 'Dense', config: { name: 'dense', units: 2 } }) },
    'noRecurrentLayers',
    ['dense (Dense)'],
  ],
  [
    'a layer called constructor alone',
    { config: sequential({ class_name: 'constructor', config: { name: 'dense' } }) },
    'noRecurrentLayers',
    ['constructor'],
  ],
];
for (const [name, overrides, code, parts] of refusals) {
  test(`.h5 with ${name} is refused`, async () => {
    const path = await writeKerasH5(write('refused.h5', ''), smallLegacy(1, overrides));
    await assertRefuses(() => withModel(path, () => {}), code, 'refused.h5', ...parts);
  });
}

test('.h5: an array that is listed but not there is named', async () => {
  const path = await writeKerasH5(write('listed.h5', ''), smallLegacy());
  const { loadLibrary, openFile } = await import('../../../extension/formats/hdf5/library.ts');
  const { h5 } = await loadLibrary();
  const file = openFile(await loadLibrary(), path, 'a');
  const group = file.get('model_weights/lstm') as InstanceType<typeof h5.Group>;
  group.delete_attribute('weight_names');
  group.create_attribute('weight_names', ['lstm/kernel:0', 'lstm/gone:0', 'lstm/bias:0']);
  file.close();
  await assertRefuses(() => withModel(path, () => {}), 'fileDamaged', 'lstm/gone:0');
});

test('.h5: arrays of whole numbers or text are refused by their type', async () => {
  const path = await writeKerasH5(write('ints.h5', ''), smallLegacy());
  const { loadLibrary, openFile } = await import('../../../extension/formats/hdf5/library.ts');
  const { h5 } = await loadLibrary();
  const file = openFile(await loadLibrary(), path, 'a');
  const group = file.get('model_weights/lstm') as InstanceType<typeof h5.Group>;
  group.create_dataset({ name: 'whole', data: new Int32Array(60), shape: [3, 20] });
  group.delete_attribute('weight_names');
  group.create_attribute('weight_names', ['whole', 'lstm/recurrent_kernel:0']);
  file.close();
  await assertRefuses(() => withModel(path, () => {}), 'dtypeUnsupported', 'whole', '<i');
});

test('.keras: archives without one of their three parts are refused', async () => {
  const { readZip } = await import('../../support/readZip.ts');
  const { zipBytes } = await import('../../support/zip.ts');
  const entries = await readZip(await writeKerasArchive(write('whole.keras', ''), smallArchive()));
  for (const name of entries.keys()) {
    const rest = [...entries]
      .filter(([other]) => other !== name)
      .map(([other, bytes]) => ({ name: other, bytes }));
    const path = write('part.keras', zipBytes(rest));
    await assertRefuses(() => withModel(path, () => {}), 'fileDamaged', 'part.keras', name);
  }
});

test('.keras: an entry that is larger, smaller or other than it claims is refused', async () => {
  const { readZip } = await import('../../support/readZip.ts');
  const { zipBytes } = await import('../../support/zip.ts');
  const entries = [...(await readZip(await writeKerasArchive(write('whole.keras', ''), smallArchive())))];
  for (const name of ['config.json', 'model.weights.h5']) {
    for (const claim of [{ claimedSize: 20 }, { claimedSize: 2 ** 31 }, { claimedCrc: 7 }]) {
      for (const deflate of [false, true]) {
        const bytes = zipBytes(
          entries.map(([own, content]) => ({
            name: own,
            bytes: content,
            deflate,
            ...(own === name && claim),
          })),
        );
        const path = write('lies.keras', bytes);
        await assertRefuses(
          () => withModel(path, () => {}),
          'claimedSize' in claim && claim.claimedSize > 2 ** 30 && name === 'config.json'
            ? deflate
              ? 'tooLarge'
              : 'fileDamaged'
            : 'fileDamaged',
          'lies.keras',
        );
      }
    }
  }
});
