"""PyTorch as a contender: `python pytorch.py THREADS`."""

import sys

import torch
from torch import nn

from worker import best, mean_square, serve

THREADS = int(sys.argv[1])
torch.set_num_threads(THREADS)
torch.set_num_interop_threads(1)


class Network(nn.Module):
    """[Embedding,] LSTM layers, a linear layer over the last output or over every one: logits."""

    def __init__(self, configuration, tensors, batch_first):
        super().__init__()
        c = configuration
        self.sequences = c["sequences"]
        self.batch_first = batch_first
        self.embedding = nn.Embedding(c["vocabulary"], c["inputs"]) if "vocabulary" in c else None
        self.lstm = nn.LSTM(c["inputs"], c["hidden"], c["layers"], batch_first=batch_first)
        self.linear = nn.Linear(c["hidden"], c["classes"])
        with torch.no_grad():
            if self.embedding:
                self.embedding.weight.copy_(torch.from_numpy(tensors["embedding"]))
            for layer in range(c["layers"]):
                parameter = lambda name: getattr(self.lstm, f"{name}_l{layer}")  # noqa: E731
                # Keras' and PyTorch's gates follow each other alike: i, f, c, o.
                parameter("weight_ih").copy_(torch.from_numpy(tensors[f"kernel{layer}"].T.copy()))
                parameter("weight_hh").copy_(torch.from_numpy(tensors[f"recurrent{layer}"].T.copy()))
                parameter("bias_ih").copy_(torch.from_numpy(tensors[f"bias{layer}"]))
                parameter("bias_hh").zero_()
            self.linear.weight.copy_(torch.from_numpy(tensors["dense"].T.copy()))
            self.linear.bias.copy_(torch.from_numpy(tensors["denseBias"]))

    def forward(self, x):
        if self.embedding:
            x = self.embedding(x)
        outputs, _ = self.lstm(x)
        if not self.sequences:
            outputs = outputs[:, -1] if self.batch_first else outputs[-1]
        return self.linear(outputs)


def arranged(array, batch_first):
    tensor = torch.from_numpy(array)
    if tensor.dtype == torch.int32:
        tensor = tensor.long()
    return tensor if batch_first or tensor.dim() < 2 else tensor.transpose(0, 1).contiguous()


def forward_candidate(configuration, tensors, batch_first):
    model = Network(configuration, tensors, batch_first).eval()
    x = arranged(tensors["x"], batch_first)

    def step():
        with torch.inference_mode():
            return model(x)

    return ("batch first" if batch_first else "time first", step)


def train_candidate(configuration, tensors, batch_first, adam):
    model = Network(configuration, tensors, batch_first).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, **({adam: True} if adam else {}))
    loss_of = nn.CrossEntropyLoss()
    x, y = arranged(tensors["x"], batch_first), arranged(tensors["y"], batch_first).reshape(-1)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(x).flatten(0, -2), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return (f"{'batch' if batch_first else 'time'} first, {adam or 'plain'} Adam", step)


def prepare(configuration, run, tensors):
    if run == "forward":
        setting, step = best([forward_candidate(configuration, tensors, first) for first in (True, False)])
        return setting, mean_square(step()), step
    candidates = [(first, adam) for first in (True, False) for adam in ("fused", "foreach", None)]
    setting, _ = best([train_candidate(configuration, tensors, *candidate) for candidate in candidates])
    chosen = next(c for c in candidates if train_candidate(configuration, tensors, *c)[0] == setting)
    _, step = train_candidate(configuration, tensors, *chosen)
    return setting, step(), step


serve({"pytorch": torch.__version__}, prepare)
