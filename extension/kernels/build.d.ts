/** Given to the compiler by scripts/buildKernels.mjs, for the build with relaxed SIMD alone. */
declare const RELAXED: i32;
