import { type Place, placeOf } from '../../support/jobContext.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { floats, integers } from '../../support/npy.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { small, smallLegacy } from '../../support/smallModels.ts';
import { npzBytes } from '../../support/zip.ts';

/** A small model and its data in files of their own, removed after the tests of the file that asks for them. */
export async function commandFiles() {
  const write = scratchFiles();
  const { steps, inputs } = small;
  const model = await writeKerasH5(write('model.h5', ''), smallLegacy());
  const x = floats([20, steps, inputs], randomFloats(20 * steps * inputs, seeded(6)));
  const y = integers(
    [20],
    Array.from({ length: 20 }, (_, i) => i % 2),
  );
  const data = write('data.npz', npzBytes({ x, y }));
  const [xFile, yFile] = [write('x.npy', x), write('y.npy', y)];

  /** Lets a test write beside a copy of the model. */
  const inPlace = async (use: (place: Place) => Promise<void>): Promise<void> => {
    const place = placeOf(model);
    try {
      await use(place);
    } finally {
      place.remove();
    }
  };
  return { write, model, x, y, data, xFile, yFile, inPlace };
}
