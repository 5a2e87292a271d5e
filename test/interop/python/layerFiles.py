"""layerFiles.py FOLDER [CASE …]: the cases of layerCases.py, or those named, as makeModels.py and gradientFiles.py write them. Prints { NAME: loss }."""

import json
import sys
from pathlib import Path

from gradientFiles import gradient_files
from layerCases import layer_cases
from makeModels import make


def main():
    folder = Path(sys.argv[1])
    wanted = sys.argv[2:]
    cases = [case for case in layer_cases() if not wanted or case.name in wanted]
    (folder / "cases.json").write_text(json.dumps([make(case, folder) for case in cases]))
    print(json.dumps(gradient_files(folder, [case for case in cases if case.loss is not None and case.required])))


if __name__ == "__main__":
    main()
