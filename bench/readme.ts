import { configurations } from './configurations.ts';
import type { EngineName, Environment, PeerName, ProfiledCase, Results, Row } from './results.ts';
import { visit, warmUp } from './takeTurns.ts';
import { judge, sameCase, type Verdict } from './targets.ts';

const peerTitles: Readonly<Record<PeerName, string>> = {
  pytorch: 'PyTorch',
  keras: 'Keras',
  onnxruntime: 'ONNX Runtime',
  'tfjs-node': 'stock tfjs-node',
  'tfjs-wasm': 'stock tfjs (wasm)',
  'tfjs-cpu': 'stock tfjs (cpu)',
};
const passTitles = { train: 'Train step', forward: 'Forward' } as const;

/**
 * The report of a run as Markdown.
 * @param earlier runs on other machines, by the files that hold them
 */
export function drawReadme(
  { environment, rows, profiles }: Results,
  earlier: ReadonlyMap<string, Results> = new Map(),
): string {
  const verdicts = judge(rows, profiles);
  return `${[
    '# Benchmarks',
    introduction,
    ...drawEnvironment(environment),
    '## Targets',
    drawVerdicts(verdicts),
    ...drawTimes(rows),
    '## Overhead around the kernels',
    drawOverhead(profiles),
    ...drawMissed(verdicts, profiles),
    ...[...earlier].flatMap(([file, results]) => drawEarlier(file, results, environment)),
  ].join('\n\n')}\n`;
}

const introduction = `Written by \`npm run bench\`; \`results.json\` holds the same figures. Every contender computes the same network from the same
weights on the same batch, which is checked (loss, or mean square of the outputs, within 0.1 %). A train step is forward, loss,
backward and Adam, ours with masks where something is pruned. Contenders are processes of their own that take turns: ours, then each peer, then ours again;
a turn is one step, or as many as fit in ${visit} ms, and each figure is the median of the turns' times after ${warmUp / 1000} s of warming up. \`ratio\` is
the peer's time by ours: above 1 ours is faster. Peers are always dense; sparsity is that of our recurrent layers' kernels. Each peer uses
the fastest of its settings: PyTorch batch or time first, with fused, foreach or plain Adam; Keras with or without XLA; Keras and stock
tfjs-node on two threads or on one, as our engine on TensorFlow chooses too; ONNX Runtime with all optimizations.

A target counts as reached where the ratio is large enough by the peer's turns beside ours (measured), and by the median of the peer's
times beside each of our levels (pooled).`;

function drawEnvironment(environment: Environment): string[] {
  return [
    describe(environment),
    configurations.map(({ letter, title }) => `- ${letter}: ${title}`).join('\n'),
    ...drawNotes(environment),
  ];
}

function drawNotes({ notes }: Environment): string[] {
  return notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : [];
}

function describe({ date, cpu, cores, system, versions, kernels, runs, minutes }: Environment): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  if (kernels) list.push(`our kernels ${kernels}`);
  return `${date}, ${cpu}, ${cores} cores, ${system}. ${list.join(', ')}. Medians of ${runs}; the run took ${minutes.toFixed(0)} minutes.`;
}

/** What another machine reached, without what it did not measure. */
function drawEarlier(file: string, { environment, rows, profiles }: Results, last: Environment): string[] {
  const verdicts = judge(rows, profiles).filter(({ measured }) => measured !== undefined);
  const kernels = environment.kernels === last.kernels ? '' : ' Our kernels were an earlier version.';
  return [
    `## On another machine, ${environment.date}`,
    `${describe(environment)}${kernels} All its figures are in \`${file}\`.`,
    ...drawNotes(environment),
    drawVerdicts(verdicts),
    ...drawMissed(verdicts, profiles, '###'),
  ];
}

function drawVerdicts(verdicts: readonly Verdict[]): string {
  return drawTable(
    ['config', 'pass', 'sparsity', 'threads', 'engine', 'against', 'target', 'measured', 'pooled', ''],
    verdicts.map(({ target, measured, pooled, reached }) => {
      const ofOverhead = 'overheadUnder' in target;
      return [
        target.config,
        target.pass,
        percent(target.sparsity),
        String(target.threads),
        target.engine,
        ofOverhead ? 'overhead' : peerTitles[target.peer],
        ofOverhead ? `< ${percent(target.overheadUnder)}` : `≥ ${target.atLeast.toFixed(2)}`,
        measured === undefined ? '–' : ofOverhead ? percent(measured) : measured.toFixed(2),
        pooled === undefined ? '' : pooled.toFixed(2),
        reached === undefined
          ? 'not measured'
          : reached
            ? 'reached'
            : `**missed** ${missedBy(target, pooled === undefined ? (measured ?? 0) : Math.min(measured ?? 0, pooled))}`,
      ];
    }),
  );
}

function missedBy(target: Verdict['target'], measured: number): string {
  if ('overheadUnder' in target) return `by ${percent(measured - target.overheadUnder)} of a step`;
  return `by ${percent(1 - measured / target.atLeast)}`;
}

/** One table for each pass, number of threads and engine: a row a case, a column a peer. */
function drawTimes(rows: readonly Row[]): string[] {
  const groups = Map.groupBy(rows, ({ pass, threads, engine }) => JSON.stringify([pass, threads, engine]));
  return [...groups].flatMap(([key, own]) => {
    const [pass, threads, engine] = JSON.parse(key) as [Row['pass'], number, EngineName];
    const peers = (Object.keys(peerTitles) as PeerName[]).filter((name) =>
      own.some(({ peer }) => peer === name),
    );
    const cases = own.filter((row, i) => own.findIndex((other) => sameCase(row, other)) === i);
    const sorted = cases.toSorted((x, y) => x.config.localeCompare(y.config) || x.sparsity - y.sparsity);
    const table = drawTable(
      ['config', 'sparsity', 'ours, ms', ...peers.map((peer) => `${peerTitles[peer]}, ms (ratio)`)],
      sorted.map((row) => [
        row.config,
        percent(row.sparsity),
        time(row.ms),
        ...peers.map((peer) => {
          const found = own.find((other) => sameCase(row, other) && other.peer === peer);
          return found ? `${time(found.peerMs)} (${found.ratio.toFixed(2)})` : '';
        }),
      ]),
    );
    const title = `## ${passTitles[pass]}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, engine ${engine}`;
    return [title, table];
  });
}

function drawOverhead(profiles: readonly ProfiledCase[]): string {
  const measured = profiles.filter(({ overhead }) => overhead !== undefined);
  const table = drawTable(
    ['config', 'pass', 'sparsity', 'threads', 'engine', 'step, ms', 'outside the kernels'],
    measured.map(({ config, pass, sparsity, threads, engine, ms, overhead = 0 }) => [
      config,
      pass,
      percent(sparsity),
      String(threads),
      engine,
      time(ms),
      percent(overhead),
    ]),
  );
  return `The share of a step that is not spent in calls of kernels (engine tensorflow: of TensorFlow's operations): copies and bookkeeping.\n\n${table}`;
}

/** Where the time goes in each case of which a target is missed. */
function drawMissed(
  verdicts: readonly Verdict[],
  profiles: readonly ProfiledCase[],
  heading = '##',
): string[] {
  const missed = profiles.filter((profile) =>
    verdicts.some(({ target, reached }) => reached === false && sameCase(target, profile)),
  );
  if (missed.length === 0) return [];
  return [
    `${heading} Where the time goes where a target is missed`,
    'Samples of V8’s profiler on the main thread, own time of each function; for the engine tensorflow time inside its operations.',
    ...missed.flatMap(({ config, pass, sparsity, threads, engine, functions }) => [
      `${heading}# ${config}, ${pass}, ${percent(sparsity)}, ${threads} threads, ${engine}`,
      drawTable(
        ['share', 'function', 'in'],
        functions
          .filter(({ share }) => share >= 0.01)
          .map(({ share, name, place }) => [percent(share), `\`${name}\``, place]),
      ),
    ]),
  ];
}

/** A Markdown table. */
export function drawTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function percent(share: number): string {
  const value = share * 100;
  return `${value.toFixed(value === 0 || Math.abs(value) >= 9.95 ? 0 : 1)} %`;
}

function time(ms: number): string {
  return ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0);
}
