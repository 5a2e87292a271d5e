"""packArrays.py FILE.npz NAME …: prints arrays as [{ shape, dtype, base64 }]."""

import json
import sys

import numpy as np
from packed import packed


def main():
    path, *names = sys.argv[1:]
    with np.load(path) as file:
        print(json.dumps([packed(file[name]) for name in names]))


if __name__ == "__main__":
    main()
