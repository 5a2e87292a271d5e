"""lambdaFiles.py FOLDER MARKER: models with a Lambda whose code, whenever it runs, makes the file MARKER. Prints their names; the file is gone again."""

import json
import os
import sys
from pathlib import Path

import numpy as np
from keras import Input, Sequential, layers


def main():
    folder, marker = Path(sys.argv[1]), sys.argv[2]
    made = eval(f"lambda x: (open({marker!r}, 'w').close(), x)[1]")  # noqa: S307
    model = Sequential([Input((5, 3)), layers.LSTM(4), layers.Lambda(made, name="lambda", output_shape=(4,))])
    model(np.zeros((1, 5, 3), np.float32))
    names = ["lambda.keras", "lambda.h5"]
    for name in names:
        model.save(folder / name)
    if not os.path.exists(marker):
        raise RuntimeError("the code makes no file")
    os.remove(marker)
    print(json.dumps(names))


if __name__ == "__main__":
    main()
