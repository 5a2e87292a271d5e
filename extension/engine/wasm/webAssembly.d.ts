/** What engine/wasm uses of the WebAssembly interface, which TypeScript declares for pages only. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
    /** By pages of 64 KiB; throws a RangeError where that is not possible. */
    grow(pages: number): number;
  }

  const Module: {
    exports(module: Module): { readonly name: string; readonly kind: string }[];
  };

  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }

  function validate(bytes: ArrayBufferView): boolean;
  function compile(bytes: ArrayBufferView): Promise<Module>;
}
