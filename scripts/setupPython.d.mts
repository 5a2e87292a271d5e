/** The interpreter inside the project's own Python environment. */
export const venvPython: string;
/** Makes the environment unless it stands already; returns the path of its interpreter. */
export function setupPython(): Promise<string>;
