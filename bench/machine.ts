import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The processor's name, and what the peers' libraries choose their code by. */
export function describeCpu(): string {
  const flags = new Set(
    readTextIfThere('/proc/cpuinfo')
      .match(/^flags\s*:(.*)$/m)?.[1]
      .split(' '),
  );
  const vectors = { avx512f: 'AVX-512', avx2: 'AVX2', avx: 'AVX' };
  const widest = Object.entries(vectors).find(([flag]) => flags.has(flag));
  return [cpus()[0].model.trim(), ...(widest ? [`with ${widest[1]}`] : [])].join(' ');
}

function readTextIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
