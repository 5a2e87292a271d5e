// Tries damaged files, one a line on standard output: `node fuzzChild.ts GOOD FOLDER FIRST COUNT`.
import { readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { damaged, openWhole, tryModel } from './fuzz.ts';
import { seeded } from './random.ts';

const [good, folder, first, count] = process.argv.slice(2);
const bytes = readFileSync(good);
const path = join(folder, `damaged${extname(good)}`);
const attempt = () => tryModel(path, join(folder, `out${extname(good)}`));

for (let n = Number(first); n < Number(first) + Number(count); n++) {
  // What the process itself has taken: a machine that does other things is no hang.
  const start = process.cpuUsage();
  let outcome: string;
  try {
    writeFileSync(path, damaged(bytes, seeded(n)));
    outcome = await attempt();
  } catch (error) {
    outcome = `internal ${error instanceof Error ? error.stack?.replaceAll('\n', ' ') : error}`;
  }
  const { user, system } = process.cpuUsage(start);
  process.stdout.write(`${n} ${Math.round((user + system) / 1000)} ${outcome}\n`);
  // The file is mended in its place: nothing of the damage may be remembered.
  writeFileSync(path, bytes);
  const again = await openWhole(path);
  if (again !== 'fine') process.stdout.write(`${n} 0 internal ${again} of the mended file\n`);
}
