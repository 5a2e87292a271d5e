"""makeTorch.py FOLDER: files of every kind that PyTorch writes. Prints a JSON list of { file, load }, where load says how PyTorch opens it:
weights (weights_only=True and mmap=True), legacy (weights_only=True), module (code and all), script (torch.jit.load)."""

import json
import sys
from pathlib import Path

import torch

import torchModels
from torchModels import Cells, Tagger, TiedLanguageModel, apart, flattened, groupings, transposed

folder = Path(sys.argv[1])
torch.manual_seed(5)
made = []


def save(name, value, load="weights", **options):
    torch.save(value, folder / name, **options)
    made.append({"file": name, "load": load})


def legacy(name, value, load="legacy"):
    save(name, value, load, _use_new_zipfile_serialization=False)


def trained(model, parameters=None):
    """An optimizer that has taken a step."""
    optimizer = torch.optim.AdamW(parameters or model.parameters(), lr=1e-3)
    model(torch.randint(0, 20, (4, 6))).square().mean().backward()
    optimizer.step()
    optimizer.zero_grad()
    return optimizer


tagger = Tagger()
state = tagger.state_dict()
save("state.pt", state)
save("state.bin", state)
save("state.pth", Tagger("GRU", bidirectional=True).state_dict())
save("state.th", Tagger("RNN", nonlinearity="relu", bias=False).state_dict())
save("projection.pt", Tagger(proj_size=9, bidirectional=True).state_dict())
save("cells.pt", Cells().state_dict())
save("tied.pt", TiedLanguageModel().state_dict())
save("flat.pt", flattened(state))
save("transposed.pt", transposed(state))
save("half.pt", Tagger().half().state_dict())
save("bfloat16.pt", Tagger().bfloat16().state_dict())
save("double.pt", Tagger().double().state_dict())
save("parallel.pt", torch.nn.DataParallel(Tagger()).state_dict())
save("list.pt", {"nets": [dict(state), 1, (2.5, None)], "note": "ä" * 300, "big": 2**80})
optimizer = trained(tagger)
checkpoint = {"epoch": 7, "model_state_dict": tagger.state_dict(), "optimizer": optimizer.state_dict(), "loss": 0.25}
save("checkpoint.pt", checkpoint)
save("lightning.ckpt", {"state_dict": tagger.state_dict(), "hyper_parameters": {"hidden": 24}, "optimizer_states": [optimizer.state_dict()]})
torch.serialization.set_crc32_options(False)
save("unchecked.pt", state)
torch.serialization.set_crc32_options(True)
for grouping, divided in groupings.items():
    model = Tagger()
    optimizer = trained(model, divided(list(model.parameters())))
    save(f"groups-{grouping}.pt", {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "grouping": grouping})
model = Tagger()
both = [trained(model, part) for part in apart(list(model.parameters()))]
save("optimizers.pt", {"model": model.state_dict(), "optimizers": [optimizer.state_dict() for optimizer in both]})
legacy("legacy.pt", state)
legacy("legacyFlat.pt", flattened(state))
legacy("legacyCheckpoint.pt", checkpoint)
legacy("legacyTied.pt", TiedLanguageModel().state_dict())
save("module.pt", tagger, "module")
save("module4.pt", tagger, "module", pickle_protocol=4)
legacy("legacyModule.pt", tagger, "module")
frozen = Tagger("GRU")
frozen.rnn.weight_hh_l0.requires_grad = False
save("frozenModule.pt", frozen, "module")
torch.jit.script(tagger).save(str(folder / "script.pt"))
torch.jit.trace(tagger.eval(), torch.zeros(1, 4, dtype=torch.long)).save(str(folder / "traced.pt"))
made += [{"file": "script.pt", "load": "script"}, {"file": "traced.pt", "load": "script"}]
torchModels  # whole modules are pickled by this name
print(json.dumps(made))
