// Tries damaged models of several files, one a line on standard output: `node fuzzFolder.ts GOOD FOLDER FIRST COUNT`.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { damaged, damagedJson, openWhole, tryModel, trySaving } from './fuzz.ts';
import { seeded, wholeBelow } from './random.ts';

/** One of so many is computed, too, which takes far longer than all else. */
const engineEvery = 100;

const [good, folder, first, count] = process.argv.slice(2);
const copy = join(folder, 'damaged');
cpSync(dirname(good), copy, { recursive: true });
const path = join(copy, basename(good));
const files = readdirSync(copy, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name));
/** The one that describes all others. */
const leading = files.find((name) => name.endsWith('.index')) ?? path;
const output = join(folder, 'out');

for (let n = Number(first); n < Number(first) + Number(count); n++) {
  const next = seeded(n);
  // Every second time the same.
  const file = wholeBelow(2, next) === 0 ? leading : files[wholeBelow(files.length, next)];
  const bytes = readFileSync(file);
  const structured = file.endsWith('.json') && wholeBelow(4, next) > 0;
  const start = process.cpuUsage();
  let outcome: string;
  try {
    writeFileSync(file, structured ? damagedJson(bytes.toString(), next) : damaged(bytes, next));
    outcome = await (n % engineEvery === 0 ? tryModel : trySaving)(path, output);
  } catch (error) {
    outcome = `internal ${error instanceof Error ? error.stack?.replaceAll('\n', ' ') : error}`;
  }
  // Of its own time, which does not depend on what else the machine does.
  const { user, system } = process.cpuUsage(start);
  process.stdout.write(`${n} ${Math.round((user + system) / 1000)} ${outcome}\n`);
  const astray = ['outside', '../outside'].filter((name) => existsSync(join(folder, name)));
  if (astray.length > 0) process.stdout.write(`${n} 0 internal wrote ${astray}\n`);
  rmSync(output, { recursive: true, force: true });
  writeFileSync(file, bytes);
  const again = await openWhole(path);
  if (again !== 'fine') process.stdout.write(`${n} 0 internal ${again} of the mended model\n`);
}
