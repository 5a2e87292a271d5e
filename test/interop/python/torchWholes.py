"""Whole modules and TorchScript archives. `make` writes a file of each, and data; `judge` loads what was written of them with their code, and
computes with it."""

import io
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

from torchModels import Activated, BufferState, ConstantState, Convolved, Ends, Left, LiteralState, Normalised, OwnState, Scaled, Tagger, TwoSizes, Weighted

SAMPLES, STEPS, VOCABULARY, CLASSES = 24, 6, 20, 5
warnings.filterwarnings("ignore")


def zipped(model, path):
    torch.save(model, path)


def legacy(model, path):
    torch.save(model, path, _use_new_zipfile_serialization=False)


def protocol4(model, path):
    torch.save(model, path, pickle_protocol=4)


def checkpoint(model, path):
    optimizer = torch.optim.AdamW(model.parameters())
    model(tokens(4)).square().mean().backward()
    optimizer.step()
    torch.save({"epoch": 3, "model": model, "optimizer": optimizer.state_dict()}, path)


def parallel(model, path):
    torch.save(nn.DataParallel(model), path)


def script(model, path):
    torch.jit.script(model).save(str(path))


def trace(model, path):
    torch.jit.trace(model, tokens(3)).save(str(path))


def frozen(model, path):
    torch.jit.freeze(torch.jit.script(model)).save(str(path))


def traceFrozen(model, path):
    torch.jit.freeze(torch.jit.trace(model, tokens(3))).save(str(path))


def optimized(model, path):
    torch.jit.optimize_for_inference(torch.jit.script(model)).save(str(path))


def mobile(model, path):
    torch.jit.script(model)._save_for_lite_interpreter(str(path))


def state(model, path):
    torch.save(model.state_dict(), path)


def masked():
    """Pruned by torch.nn.utils.prune, which keeps weights and masks apart."""
    model = Tagger()
    for name in ("weight_ih_l0", "weight_hh_l1"):
        prune.l1_unstructured(model.rnn, name, 0.3)
    prune.random_unstructured(model.head, "weight", 0.5)
    return model


def quantized(model, path):
    torch.save(torch.ao.quantization.quantize_dynamic(model, {nn.LSTM, nn.Linear}, torch.qint8).state_dict(), path)


def normed():
    model = Tagger()
    model.rnn = parametrizations.weight_norm(model.rnn, "weight_hh_l0")
    return model


def tokens(count):
    return torch.randint(0, VOCABULARY, (count, STEPS))


# name: model, how it is saved
MODELS = {
    "lstm": lambda: Tagger(),
    "gru": lambda: Tagger("GRU", bidirectional=True),
    "relu": lambda: Tagger("RNN", nonlinearity="relu", bias=False),
    "projection": lambda: Tagger(proj_size=9, bidirectional=True),
    "ownState": OwnState,
    "normalised": Normalised,
    "double": lambda: Tagger().double(),
}
CASES = {f"{name}-{how.__name__}": (model, how) for name, model in MODELS.items() for how in (zipped, script, trace)}
CASES |= {
    "lstm-legacy": (Tagger, legacy),
    "ownState-legacy": (OwnState, legacy),
    "normalised-protocol4": (Normalised, protocol4),
    "lstm-checkpoint": (Tagger, checkpoint),
    "gru-parallel": (MODELS["gru"], parallel),
    "left-zipped": (Left, zipped),
    "weighted-zipped": (Weighted, zipped),
    "twoSizes-zipped": (TwoSizes, zipped),
    "twoSizes-script": (TwoSizes, script),
    "literal-zipped": (LiteralState, zipped),
    "literal-script": (LiteralState, script),
    "literal-trace": (LiteralState, trace),
    "constant-trace": (ConstantState, trace),
    "scaled-trace": (Scaled, trace),
    "ends-trace": (Ends, trace),
    "ends-script": (Ends, script),
    "buffer-trace": (BufferState, trace),
    "convolved-script": (Convolved, script),
    "convolved-trace": (Convolved, trace),
    "convolved-frozen": (Convolved, frozen),
    "lstm-frozen": (Tagger, frozen),
    "activated-frozen": (Activated, frozen),
    "activated-traceFrozen": (Activated, traceFrozen),
    "normalised-frozen": (Normalised, frozen),
    "projection-frozen": (MODELS["projection"], frozen),
    "ownState-traceFrozen": (OwnState, traceFrozen),
    "scaled-traceFrozen": (Scaled, traceFrozen),
    "buffer-frozen": (BufferState, frozen),
    "lstm-optimized": (Tagger, optimized),
    "lstm-mobile": (Tagger, mobile),
    "masked-zipped": (masked, zipped),
    "masked-legacy": (masked, legacy),
    "masked-state": (masked, state),
    "masked-checkpoint": (masked, checkpoint),
    "lstm-quantized": (Tagger, quantized),
    "normed-state": (normed, state),
}


def load(path):
    try:
        return torch.jit.load(path)
    except RuntimeError:
        saved = torch.load(path, weights_only="-state" in path, mmap="-state" in path or None)
        if "-state" in path:
            return masked_tagger(saved)
        return saved["model"] if isinstance(saved, dict) else saved


def masked_tagger(state):
    model = Tagger(hidden=state["rnn.weight_hh_l0"].shape[1])
    for name in state:
        module, _, weight = name.removesuffix("_mask").rpartition(".")
        if name.endswith("_mask"):
            prune.identity(model.get_submodule(module), weight)
    model.load_state_dict(state)
    return model


def loss_of(model, folder):
    data = np.load(folder / "data.npz")
    with torch.no_grad():
        outputs = model.eval()(torch.from_numpy(data["x"]).long()).double()
    return nn.functional.cross_entropy(outputs, torch.from_numpy(data["y"]).long()).item()


def make(folder):
    rng = np.random.default_rng(3)
    np.savez(folder / "data.npz", x=rng.integers(0, VOCABULARY, (SAMPLES, STEPS)).astype(np.int32), y=rng.integers(0, CLASSES, SAMPLES).astype(np.int32))
    losses = {}
    for seed, (name, (model, save)) in enumerate(CASES.items()):
        torch.manual_seed(seed)
        made = model().eval()
        save(made, folder / f"{name}.pt")
        losses[name] = loss_of(made, folder)
    return losses


def saved_again(model):
    """What PyTorch itself writes of it can be loaded and computes the same."""
    buffer = io.BytesIO()
    if isinstance(model, torch.jit.ScriptModule):
        torch.jit.save(model, buffer)
        buffer.seek(0)
        return torch.jit.load(buffer)
    torch.save(model, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=False)


def judge(folder, path):
    model = load(path)
    loss = loss_of(model, folder)
    again = loss_of(saved_again(model), folder)
    # In training mode, too, and a step of it; what is frozen has none.
    if list(model.parameters()):
        model.train()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        model(tokens(8)).square().mean().backward()
        optimizer.step()
    sizes = {name: getattr(part, "hidden_size", None) for name, part in model.named_modules() if hasattr(part, "hidden_size")}
    return {"loss": loss, "again": again, "sizes": sizes}


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    files = [make(folder)] if sys.argv[1] == "make" else [judge(folder, path) for path in json.loads(Path(sys.argv[3]).read_text())]
    print(json.dumps(files[0] if sys.argv[1] == "make" else files))
