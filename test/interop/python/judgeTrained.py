"""judgeTrained.py EXPECTED.keras FILE …: largest differences between the weights of files and those of the expected model.

Prints [{ difference, iterations }]: the largest difference of any weight as a share of its array's largest value, and the steps
that the optimizer counts.
"""

import json
import sys

import keras
import numpy as np


def difference(a, b):
    largest = 0
    for x, y in zip(a.weights, b.weights, strict=True):
        x, y = np.asarray(x), np.asarray(y)
        largest = max(largest, float(np.abs(x - y).max() / np.abs(y).max()))
    return largest


def main():
    expected, *files = (keras.models.load_model(path) for path in sys.argv[1:])
    print(json.dumps([{"difference": difference(file, expected), "iterations": int(file.optimizer.iterations)} for file in files]))


if __name__ == "__main__":
    main()
