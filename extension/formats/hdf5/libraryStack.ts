/** What the module of the library exports of its stack. */
interface StackExports {
  emscripten_stack_get_current(): number;
  _emscripten_stack_restore(pointer: number): void;
}

type Instantiate = (...args: unknown[]) => Promise<unknown>;

/**
 * Loads the library, and gives beside it what takes its stack back to where it began. An error leaves the library by an exception of
 * JavaScript, which passes by the ends of its functions, so that what they had on the stack stays there: after some thousand errors it was
 * full, and nothing could be read any more. The library hands out no function for it, so its module is caught when it is made.
 */
export async function withStack<T>(
  load: () => Promise<T>,
): Promise<{ readonly loaded: T; readonly emptyStack: () => void }> {
  const modules = WebAssembly as unknown as { instantiate: Instantiate };
  const { instantiate } = modules;
  let stack: StackExports | undefined;
  modules.instantiate = async (...args) => {
    const made = await instantiate.apply(WebAssembly, args);
    stack ??= stackOf(made);
    return made;
  };
  try {
    const loaded = await load();
    if (!stack) throw new Error('the HDF5 library has no stack');
    const { emscripten_stack_get_current: current, _emscripten_stack_restore: restore } = stack;
    const start = current();
    return { loaded, emptyStack: () => restore(start) };
  } finally {
    modules.instantiate = instantiate;
  }
}

/** Others may be loading modules of their own at the same time. */
function stackOf(made: unknown): StackExports | undefined {
  const exports = (made as { instance?: { exports: object } }).instance?.exports ?? {};
  return 'H5Fopen' in exports && '_emscripten_stack_restore' in exports
    ? (exports as unknown as StackExports)
    : undefined;
}
