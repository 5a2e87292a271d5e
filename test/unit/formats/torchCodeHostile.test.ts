import { describe, test } from 'node:test';
import { processorLimit } from '../../support/processorLimit.ts';
import { computedOf } from '../../support/scriptCode.ts';
import { steps } from '../../support/scriptLines.ts';

describe('code that is made to be hard to follow', () => {
  const inTime = (lines: readonly string[]) => {
    const withinLimit = processorLimit(2000);
    computedOf(lines);
    withinLimit();
  };

  test('is given up soon', () => {
    const many = (count: number, line: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => line(i));
    inTime(many(20_000, (i) => `v${i + 1} = torch.detach(v${i})`));
    inTime(['v0 = [x, x]', ...many(60, (i) => `v${i + 1} = [v${i}, v${i}]`), 'return v60']);
    inTime([`return ${'('.repeat(100_000)}`]);
    inTime([steps, ...many(2000, () => 'y = torch.tanh(y)'), 'return y']);
    inTime(many(40, (i) => `${' '.repeat(i)}if b:`));
    inTime(
      many(3000, (i) => `if torch.gt(torch.size(x, 0), ${i}):\n      v${i} = x\n    else:\n      v${i} = y`),
    );
    inTime(many(60, (i) => `${' '.repeat(i)}for t${i} in range(99):`));
    const foo = many(3000, () => 'b = torch.foo(a)');
    inTime(['a = x', ...many(2400, () => 'a = (a, x)'), ...foo]);
    inTime([`a = (${many(4900, () => 'x, ').join('')})`, ...foo]);
    inTime([
      `a = (${many(2300, () => 'x, ').join('')})`,
      'for t in range(torch.size(x, 1)):',
      ...many(300, (i) => `  v${i} = (a, a)`),
    ]);
    inTime(many(30, () => `y = torch.foo("${'\\"'.repeat(30_000)}`));
    inTime([`return x${'[0]'.repeat(20_000)}`]);
    inTime(['m = self', ...many(100, () => `m = m.${'a'.repeat(50_000)}`)]);
  });
});
