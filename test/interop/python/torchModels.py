"""The models whose files test the reading and writing of PyTorch's formats. A module of its own, so that files that hold whole modules find
their classes again."""

import torch
from torch import nn


class Tagger(nn.Module):
    """Embedding, recurrent layers, a linear layer over the last step."""

    def __init__(self, cell="LSTM", hidden=24, layers=2, **options):
        super().__init__()
        self.embedding = nn.Embedding(20, 12)
        self.rnn = getattr(nn, cell)(12, hidden, num_layers=layers, batch_first=True, **options)
        directions = 2 if options.get("bidirectional") else 1
        self.head = nn.Linear(directions * (options.get("proj_size") or hidden), 5)

    def forward(self, tokens):
        steps, _ = self.rnn(self.embedding(tokens))
        return self.head(steps[:, -1])


class Cells(nn.Module):
    """Three cells, called step by step."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTMCell(6, 10)
        self.gru = nn.GRUCell(10, 8)
        self.plain = nn.RNNCell(8, 7, bias=False)
        self.register_buffer("steps", torch.arange(4))


class TiedLanguageModel(nn.Module):
    """The output layer has the embedding's weights."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(30, 16)
        self.rnn = nn.GRU(16, 16, batch_first=True)
        self.head = nn.Linear(16, 30)
        self.head.weight = self.embedding.weight

    def forward(self, tokens):
        return self.head(self.rnn(self.embedding(tokens))[0])


def flattened(state):
    """The same tensors as parts of one storage, as a GPU keeps the weights of a recurrent layer."""
    flat = torch.cat([tensor.flatten() for tensor in state.values()])
    parts = torch.split(flat, [tensor.numel() for tensor in state.values()])
    return {name: part.view(tensor.shape) for (name, tensor), part in zip(state.items(), parts)}


def transposed(state):
    """Matrices that lie column by column."""
    return {name: tensor.t().contiguous().t() if tensor.dim() == 2 else tensor for name, tensor in state.items()}


def weights_of(saved):
    """The state dict of whatever torch.load gave."""
    if isinstance(saved, nn.Module):
        return saved.state_dict()
    for key in ("state_dict", "model_state_dict", "model"):
        if key in saved:
            saved = saved[key]
    return saved
