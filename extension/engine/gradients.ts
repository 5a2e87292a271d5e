/**
 * Registers the gradients of TensorFlow.js' operations. Import it as `#gradients`: that package holds them only as modules
 * that Node itself cannot load, so where the sources run unbundled it is dist/gradients.js, which the build makes of this.
 */
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
