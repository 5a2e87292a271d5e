"""Makes state dicts of PyTorch for conversion: `convertSources.py FOLDER` writes NAME.pt or NAME.safetensors of the modules in stateDictModels.py, in
float32, and FOLDER/torch.json: [{name, path, inputs, outputs}], the outputs being those of the module."""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from packed import packed
from safetensors.torch import save_file
from stateDictModels import CASES, DTYPES, STEPS, padded, padding_of

# One sequence of every length, where some are padded.
SAMPLES = STEPS

folder = Path(sys.argv[1])
cases = []
for seed, (name, (build, source, _, description)) in enumerate(CASES.items()):
    # Other types are the same model; safetensors takes no tensors that share their values.
    if name in DTYPES:
        continue
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    module = build().eval()
    path = folder / f"{name}.{'pt' if seed % 2 or name == 'tied' else 'safetensors'}"
    state = module.state_dict()
    torch.save(state, path) if path.suffix == ".pt" else save_file(state, path, {"format": "pt"})
    if description:
        (folder / f"{name}.lstmprune-model.json").write_text(json.dumps(description))
    if source == "ids":
        x = rng.integers(0, 11, (SAMPLES, STEPS)).astype(np.int32)
    else:
        x = rng.standard_normal((SAMPLES, STEPS, source)).astype(np.float32)
    if padding_of(name) is not None:
        x = padded(x, padding_of(name))
    with torch.no_grad():
        out = module(torch.from_numpy(x).long() if x.dtype == np.int32 else torch.from_numpy(x))
    cases.append({"name": name, "path": str(path), "inputs": [packed(x)], "outputs": [packed(out.numpy())]})
(folder / "torch.json").write_text(json.dumps(cases))
