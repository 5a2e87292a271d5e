/**
 * Names of what a process writes before it is done. They hold its process id, so that whoever started it can remove them where it was
 * killed and could not do so itself.
 */

/** Of the file that becomes `name`, in the same folder. */
export function temporaryName(name: string, processId: number): string {
  return `.${name}.${processId}-${Date.now().toString(36)}.tmp`;
}

/** Whether a file of this name was left by the process. */
export function isTemporaryOf(processId: number, name: string): boolean {
  return new RegExp(`^\\..+\\.${processId}-[0-9a-z]+\\.tmp$`).test(name);
}

/** How the names of the process' folders in the system's temporary folder begin. */
export function scratchPrefix(processId: number): string {
  return `lstm-pruner-${processId}-`;
}
