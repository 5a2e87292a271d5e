import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  chooseTensorflow,
  type TensorflowPlaces,
} from '../../../extension/host/services/chooseTensorflow.ts';
import { tensorflowSpec } from '../../../extension/host/services/tensorflowPackage.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const inside = join('node_modules', ...tensorflowSpec.name.split('/'));

describe('which TensorFlow is loaded', () => {
  let scratch: string;
  let places: TensorflowPlaces;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'lstm-pruner-test-'));
    const [workspace, storage] = ['workspace', 'storage'].map((name) => join(scratch, name));
    for (const folder of [workspace, storage]) {
      await mkdir(join(folder, inside, 'lib/napi-v8'), { recursive: true });
      await writeFile(join(folder, inside, 'package.json'), JSON.stringify({ name: tensorflowSpec.name }));
      await writeFile(join(folder, inside, 'lib/napi-v8/tfjs_binding.node'), '');
    }
    places = { named: '', trusted: true, workspace, storage };
  });
  after(() => rm(scratch, { recursive: true, force: true }));

  const chosen = (changed: Partial<TensorflowPlaces>) => chooseTensorflow({ ...places, ...changed });
  const own = () => join(places.storage, inside);
  const ofWorkspace = () => join(places.workspace ?? '', inside);

  it('is that of the storage where nothing is named, trusted or not', async () => {
    for (const trusted of [true, false]) assert.equal(await chosen({ trusted }), own());
    assert.equal(await chosen({ named: ' ' }), own());
    assert.equal(await chosen({ storage: join(scratch, 'nothing') }), undefined);
  });

  it('is what is named in a trusted workspace, from its folder on where the path is relative', async () => {
    assert.equal(await chosen({ named: places.workspace ?? '' }), ofWorkspace());
    assert.equal(await chosen({ named: '.' }), ofWorkspace());
    assert.equal(await chosen({ named: inside }), ofWorkspace());
    assert.equal(await chosen({ named: relative(places.workspace ?? '', places.storage) }), own());
    await assertRefuses(() => chosen({ named: 'nothing' }), 'tensorflowPath', 'nothing');
    await assertRefuses(() => chosen({ named: '.', workspace: undefined }), 'tensorflowPath');
  });

  it('is never what is named where the workspace is not trusted, but still that of the storage', async () => {
    for (const named of [places.workspace ?? '', '.', inside, 'nothing'])
      assert.equal(await chosen({ named, trusted: false }), own());
    assert.equal(await chosen({ named: '.', trusted: false, storage: join(scratch, 'nothing') }), undefined);
  });

  it('is withheld by VS Code too, which ignores the setting of a workspace that is not trusted', async () => {
    const manifest = JSON.parse(await readFile(join(import.meta.dirname, '../../../package.json'), 'utf8'));
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.equal(supported, 'limited');
    assert.deepEqual(restrictedConfigurations, ['lstmPruner.tensorflow.path']);
    for (const name of restrictedConfigurations)
      assert.ok(name in manifest.contributes.configuration.properties);
  });
});
