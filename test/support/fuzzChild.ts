// Tries damaged models, one a line on standard output: `node fuzzChild.ts GOOD FOLDER FIRST COUNT`.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openModel, splitSuffix } from '../../extension/formats/open.ts';
import { descriptionEnding } from '../../extension/protocol/modelDescription.ts';
import { damagedFile } from './damageWithin.ts';
import { type Attempt, tryLooking, tryPruning, trySaving, tryShrinking } from './fuzz.ts';
import { seeded, wholeBelow } from './random.ts';

/** One of so many is written, too, which takes longer. */
const savedEvery = 16;
/** One of so many is computed, too, which takes far longer than all else. */
const prunedEvery = 400;
/** One of so many loses units, too. */
const shrunkEvery = 100;
/** After so many the model is looked at as it was. */
const mendedEvery = 20;

const [good, folder, first, count] = process.argv.slice(2);
const copy = join(folder, 'damaged');
cpSync(dirname(good), copy, { recursive: true });
const path = join(copy, basename(good));
const files = readdirSync(copy, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name));
/** The one that describes all others. */
const leading = files.find((name) => name.endsWith('.index')) ?? path;
const whole = await openModel(path);
await whole.close();
const output = join(folder, whole.folder === undefined ? `out${splitSuffix(path).suffix}` : 'out');
// Beside weights in a list stands how their layers follow each other, where the file does not show it.
const outputs = [output, join(folder, `out${descriptionEnding}`)];
const around = [dirname(folder), copy].map((place) => [place, readdirSync(place).join()] as const);

for (let n = Number(first); n < Number(first) + Number(count); n++) {
  const next = seeded(n);
  // Every second time the same.
  const file = wholeBelow(2, next) === 0 ? leading : files[wholeBelow(files.length, next)];
  const bytes = readFileSync(file);
  const attempt = attemptOf(n);
  // What the process itself has taken: a machine that does other things is no hang.
  const start = process.cpuUsage();
  let outcome: string;
  try {
    writeFileSync(file, damagedFile(file, bytes, next));
    outcome = await attempt(path, output);
  } catch (error) {
    outcome = `internal ${error instanceof Error ? error.stack?.replaceAll('\n', ' ') : error}`;
  }
  const { user, system } = process.cpuUsage(start);
  say(n, outcome, Math.round((user + system) / 1000));
  if (attempt !== tryLooking) lookAround(n);
  // Mended in its place: nothing of the damage may be remembered.
  writeFileSync(file, bytes);
  if (n % mendedEvery > 0) continue;
  const again = await tryLooking(path, output);
  if (again !== 'fine') say(n, `internal ${again} of the mended model`);
}

function attemptOf(n: number): Attempt {
  if (n % prunedEvery === 0) return tryPruning;
  if (n % shrunkEvery === 0) return tryShrinking;
  return n % savedEvery === 0 ? trySaving : tryLooking;
}

function say(seed: number, outcome: string, milliseconds = 0): void {
  const mebibytes = Math.round(process.memoryUsage.rss() / 2 ** 20);
  process.stdout.write(`${seed} ${milliseconds} ${mebibytes} ${outcome}\n`);
}

/** Nothing is written but the outputs. */
function lookAround(n: number): void {
  for (const path of outputs) rmSync(path, { recursive: true, force: true });
  const left = readdirSync(folder).filter((name) => join(folder, name) !== copy);
  for (const [place, before] of around) if (readdirSync(place).join() !== before) left.push(place);
  if (left.length > 0) say(n, `internal wrote ${left}`);
}
