"""shrinkModels.py FOLDER: writes the cases of shrinkCases.py as NAME.keras, NAME.h5 and NAME.npz, and cases.json with their names."""

import json
import sys
from pathlib import Path

from makeModels import make
from shrinkCases import shrink_cases


def main():
    folder = Path(sys.argv[1])
    made = [make(case, folder) for case in shrink_cases()]
    index = [{"name": entry["name"], "required": entry["required"]} for entry in made]
    (folder / "cases.json").write_text(json.dumps(index))


if __name__ == "__main__":
    main()
