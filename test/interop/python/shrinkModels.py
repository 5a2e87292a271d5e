"""shrinkModels.py FOLDER: writes the cases of shrinkCases.py as NAME.keras, NAME.h5 and NAME.npz.

cases.json lists them: [{ name, required, inputs }].
"""

import json
import sys
from pathlib import Path

from makeModels import make
from shrinkCases import shrink_cases


def main():
    folder = Path(sys.argv[1])
    made = [make(case, folder) for case in shrink_cases()]
    index = [{key: entry[key] for key in ("name", "required", "inputs")} for entry in made]
    (folder / "cases.json").write_text(json.dumps(index))


if __name__ == "__main__":
    main()
