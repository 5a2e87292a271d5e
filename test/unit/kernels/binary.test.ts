import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { kernelModule } from '../../../extension/engine/wasm/binary.ts';

test('the kernels with relaxed SIMD are taken where they are accepted, else those without it', async () => {
  assert.equal((await kernelModule()).build, 'relaxed');
  const validate = mock.method(WebAssembly, 'validate', () => false);
  const { build, module } = await kernelModule();
  validate.mock.restore();
  assert.equal(build, 'simd');
  assert.ok(WebAssembly.Module.exports(module).some(({ name }) => name === 'recurrentForward'));
});
