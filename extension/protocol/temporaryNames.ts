import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Names of what a process writes before it is done. They hold its process id, so that others can remove them where it was killed and
 * could not do so itself; and a mark of where that id counts, since a folder may be shared with other machines and containers.
 */
const mark = createHash('sha256')
  .update([hostname(), orNothing(machineId), orNothing(processNamespace)].join(' '))
  .digest('hex')
  .slice(0, 8);

/** Of the file that becomes `name`, in the same folder. */
export function temporaryName(name: string, processId: number): string {
  return `.${name}.${mark}-${processId}-${Date.now().toString(36)}.tmp`;
}

/** How the names of the process' folders in the system's temporary folder begin. */
export function scratchPrefix(processId: number): string {
  return `lstm-pruner-${mark}-${processId}-`;
}

/** The process that writes a file of this name; undefined where it is no such file, or of elsewhere. */
export function writerOf(name: string): number | undefined {
  return processIn(name, new RegExp(`^\\..+\\.${mark}-(\\d+)-[0-9a-z]+\\.tmp$`));
}

/** The process whose folder in the system's temporary folder has this name; undefined as above. */
export function scratchOwnerOf(name: string): number | undefined {
  return processIn(name, new RegExp(`^lstm-pruner-${mark}-(\\d+)-`));
}

function processIn(name: string, pattern: RegExp): number | undefined {
  const [, id] = pattern.exec(name) ?? [];
  return id === undefined ? undefined : Number(id);
}

/** Machines may have one name, such as that of the image that they were made from. */
function machineId(): string {
  return readFileSync('/etc/machine-id', 'utf8').trim();
}

/** Containers may have the name of their machine, and count their processes from 1. */
function processNamespace(): string {
  return readlinkSync('/proc/self/ns/pid');
}

/** Only Linux has either. */
function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
