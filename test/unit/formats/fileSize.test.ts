// Files that are read whole are looked at first: holes of gigabytes stand for hostile ones.
import assert from 'node:assert/strict';
import { statSync, truncateSync } from 'node:fs';
import { test } from 'node:test';
import { parseModelConfig } from '../../../extension/formats/keras/config.ts';
import { largestJson } from '../../../extension/formats/largestJson.ts';
import { openModel } from '../../../extension/formats/open.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import { word } from '../../../extension/protocol/wording.ts';
import { safetensorsFile, smallStack } from '../../support/safetensorsFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';
import { zipBytes } from '../../support/zip.ts';

const write = scratchFiles();
const huge = 2 ** 32;

const files: Record<string, string> = {
  'model.json': '{"modelTopology": {}, "weightsManifest": [] ',
  'model.safetensors.index.json': '{"weight_map": {}}',
};
for (const [name, begin] of Object.entries(files)) {
  test(`a ${name} of gigabytes is refused by its size, naming it once`, async () => {
    const path = write(name, begin);
    truncateSync(path, huge);
    const message = await messageFrom(() => openModel(path));
    assert.equal(message.code, 'fileTooLarge');
    assert.match(word(message, fill), /\.json has 4,294,967,296 bytes, more than/);
    assert.equal(word(message, fill).split(path).length, 2);
  });
}

test('a model whose description unpacks to more than is parsed is refused, however small its file', async () => {
  const config = `{"config": {"layers": [${'[],'.repeat(6_000_000)}0]}}`;
  const entry = { name: 'config.json', bytes: Buffer.from(config), deflate: true };
  const path = write('small.keras', zipBytes([entry]));
  assert.ok(statSync(path).size < 100_000);
  await assertRefuses(() => openModel(path), 'tooLarge', 'config.json');
  await assertRefuses(() => parseModelConfig(config, path), 'tooLarge', 'model_config');
});

test('a description of gigabytes is refused by its size', async () => {
  const path = write('m.safetensors', safetensorsFile(smallStack()));
  const beside = write('m.lstmprune-model.json', '{');
  truncateSync(beside, huge);
  assert.deepEqual(await messageFrom(() => openModel(path)), {
    code: 'fileTooLarge',
    args: { file: beside, needed: huge, limit: 2 ** 20 },
  });
});

test('the header of a safetensors file that is too long is named in the reader’s language', async () => {
  const header = Buffer.alloc(8);
  header.writeBigUInt64LE(BigInt(largestJson + 1));
  const path = write('long.safetensors', header);
  truncateSync(path, largestJson + 100);
  const message = await messageFrom(() => openModel(path));
  const inChinese = word(message, (text, args) => fill(text === 'the header' ? '文件头' : text, args));
  assert.match(inChinese, /: 文件头 needs 16,777,217 bytes/);
});
