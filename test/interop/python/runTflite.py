"""Runs the TensorFlow Lite models of a list: `runTflite.py LIST OUT`; LIST is JSON: [{path, inputs: [packed]}], OUT gets the outputs."""

import json
import sys
from pathlib import Path

from packed import packed, unpacked
from tfliteModels import outputs_of

cases = json.loads(Path(sys.argv[1]).read_text())
results = [packed(outputs_of(Path(case["path"]).read_bytes(), unpacked(case["inputs"][0]))) for case in cases]
Path(sys.argv[2]).write_text(json.dumps(results))
