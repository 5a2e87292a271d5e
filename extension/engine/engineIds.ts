import type { Message } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';

/** How options name an engine that can be asked for. */
export type EngineId = 'wasm' | 'tensorflow';

/** Of what a library says, in characters. */
const longestReason = 300;

const names: Record<EngineId, string> = { wasm: 'WebAssembly', tensorflow: 'TensorFlow' };

/**
 * By which option a session's engine (`Session.engine`) is had again. TensorFlow.js' own kernels are what `wasm` falls back to.
 */
export function engineIdOf(sessionEngine: string): EngineId {
  return /^TensorFlow \d/.test(sessionEngine) ? 'tensorflow' : 'wasm';
}

/** Says why an engine takes no part where another one does the work: the reason, and nothing to be done about it. */
export function leftOut(engine: EngineId, error: unknown): Message {
  const code = 'noteEngineLeftOut';
  const args = { engine: names[engine] };
  if (!(error instanceof UserError)) {
    const reason = error instanceof Error ? error.message : String(error);
    return { code, args: { ...args, reason: reason.replace(/\s+/g, ' ').slice(0, longestReason) } };
  }
  const { info } = error;
  switch (info.code) {
    case 'tensorflowNotLoaded':
      return { code, args: { ...args, ...info.args }, ...(info.cause && { cause: info.cause }) };
    case 'engineMemory':
      return { code, args, cause: { code: 'reasonMemory', args: info.args } };
    default:
      return { code, args, cause: info };
  }
}
