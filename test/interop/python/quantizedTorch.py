"""A GRU before linear layers that torch.ao.quantization has packed. `make` saves it in three ways into a folder; `judge` gives, of a folder's files,
the share of zeros in the GRU's matrices, and whether all else is as it was, by what PyTorch loads."""

import json
import sys
import warnings
from pathlib import Path

import torch
from torch import nn

warnings.filterwarnings("ignore")
KINDS = ("whole", "script", "state")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(5, 12, batch_first=True)
        self.fc = nn.Linear(12, 3)

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1])


def quantized():
    torch.manual_seed(3)
    return torch.ao.quantization.quantize_dynamic(Net().eval(), {nn.Linear}, dtype=torch.qint8)


def make(folder):
    net = quantized()
    torch.save(net, folder / "whole.pt")
    torch.jit.save(torch.jit.script(net), folder / "script.pt")
    torch.save(net.state_dict(), folder / "state.pt")


def loaded(path, kind):
    if kind == "script":
        return torch.jit.load(path)
    if kind == "whole":
        return torch.load(path, weights_only=False)
    net = quantized()
    net.load_state_dict(torch.load(path, weights_only=False))
    return net


def judge(folder, prefix):
    answers = {}
    for kind in KINDS:
        net, original = (loaded(folder / f"{name}{kind}.pt", kind) for name in (prefix, ""))
        matrices = torch.cat([net.rnn.weight_ih_l0.flatten(), net.rnn.weight_hh_l0.flatten()])
        features = torch.ones(2, 12)
        answers[kind] = {
            "zeros": (matrices == 0).float().mean().item(),
            "sameHead": torch.equal(net.fc(features), original.fc(features)),
            "runs": list(net(torch.ones(2, 4, 5)).shape),
        }
    return answers


if __name__ == "__main__":
    command, folder, *rest = sys.argv[1:]
    if command == "make":
        make(Path(folder))
    else:
        print(json.dumps(judge(Path(folder), *rest)))
