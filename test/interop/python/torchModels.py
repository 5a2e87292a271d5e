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


class Convolved(nn.Module):
    """A convolution over the steps and pooling before the recurrent layer."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 12)
        self.conv = nn.Conv1d(12, 20, 3, padding=1)
        self.pool = nn.MaxPool1d(2)
        self.rnn = nn.LSTM(20, 24, batch_first=True)
        self.head = nn.Linear(24, 5)

    def forward(self, tokens):
        windows = self.pool(torch.relu(self.conv(self.embedding(tokens).transpose(1, 2))))
        return self.head(self.rnn(windows.transpose(1, 2))[0][:, -1])


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


def by_decay(weights):
    """Biases, which do not decay, before the others."""
    return [{"params": [w for w in weights if w.dim() == 1], "weight_decay": 0.0}, {"params": [w for w in weights if w.dim() > 1]}]


def each(weights):
    """A learning rate of its own for each weight."""
    return [{"params": [w], "lr": 1e-3 / (i + 1)} for i, w in enumerate(weights)]


groupings = {
    "one": lambda weights: weights,
    "decay": by_decay,
    "each": each,
    # From the outputs on, as learning rates fall towards the inputs.
    "backwards": lambda weights: each(weights[::-1]),
    # The embedding is frozen, or the head, too.
    "frozen": lambda weights: weights[1:],
    "frozenDecay": lambda weights: by_decay(weights[1:]),
    "frozenEnds": lambda weights: weights[1:-2],
}


def apart(weights):
    """The embedding's for one optimizer, the rest for another."""
    return [weights[:1], weights[1:]]


def parts_of(saved, weights):
    """What each optimizer in a checkpoint was made with, by where its state stands."""
    if not isinstance(saved, dict):
        return {}
    if "optimizers" in saved:
        return {f"optimizers/{i}": part for i, part in enumerate(apart(weights))}
    if "optimizer" in saved:
        return {"optimizer": groupings[saved.get("grouping", "one")](weights)}
    return {"optimizer_states/0": weights} if "optimizer_states" in saved else {}


def optimizers_of(saved, model):
    """The optimizers in a checkpoint, with their states, ready to go on."""
    found = []
    for path, part in parts_of(saved, list(model.parameters())).items():
        state = saved
        for key in path.split("/"):
            state = state[int(key) if key.isdigit() else key]
        found.append(torch.optim.AdamW(part))
        found[-1].load_state_dict(state)
    return found


def weights_of(saved):
    """The state dict of whatever torch.load gave."""
    if isinstance(saved, nn.Module):
        return saved.state_dict()
    for key in ("state_dict", "model_state_dict", "model"):
        if key in saved:
            saved = saved[key]
    return saved


class OwnState(nn.Module):
    """Makes the state it begins with, by a size that is an attribute of its own."""

    def __init__(self):
        super().__init__()
        self.hidden_size = 14
        self.classes = 5
        self.embedding = nn.Embedding(20, 8)
        self.rnn = nn.LSTM(8, 14, batch_first=True)
        self.head = nn.Linear(14, 5)

    def forward(self, tokens):
        h = torch.zeros(1, tokens.size(0), self.hidden_size)
        c = torch.zeros(1, tokens.size(0), self.hidden_size)
        return self.head(self.rnn(self.embedding(tokens), (h, c))[0][:, -1])


class Left(Tagger):
    """Left with the last states of its recurrent layers, and with another tensor that is no parameter."""

    def __init__(self):
        super().__init__()
        self.hidden = (torch.ones(2, 1, 24), torch.ones(2, 1, 24))
        self.rate = torch.tensor(0.5)


class Weighted(Tagger):
    """Holds its loss, which weighs the classes, and a buffer that no state dict has in a module that does not read it."""

    def __init__(self):
        super().__init__()
        self.criterion = nn.CrossEntropyLoss(weight=torch.rand(5))
        self.rnn.register_buffer("seen", torch.ones(3), persistent=False)


class Normalised(nn.Module):
    """Two recurrent modules of one size, and layers that state it, too."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 16)
        self.norm = nn.LayerNorm(16)
        self.first = nn.GRU(16, 16, batch_first=True)
        self.between = nn.LayerNorm(16, eps=0.5)
        self.second = nn.LSTM(16, 16, batch_first=True)
        self.batch = nn.BatchNorm1d(16, eps=0.25)
        self.head = nn.Linear(16, 5)
        nn.init.normal_(self.batch.running_mean)
        nn.init.normal_(self.between.weight)

    def forward(self, tokens):
        steps = self.between(self.first(self.norm(self.embedding(tokens)))[0])
        return self.head(self.batch(self.second(steps)[0][:, -1]))


class TwoSizes(nn.Module):
    """One attribute for the sizes of two layers that lose different units."""

    def __init__(self):
        super().__init__()
        self.hidden = 12
        self.embedding = nn.Embedding(20, 8)
        self.first = nn.GRU(8, 12, batch_first=True)
        self.second = nn.GRU(12, 12, batch_first=True)
        self.head = nn.Linear(12, 5)
        with torch.no_grad():
            self.first.weight_hh_l0.mul_(3)

    def forward(self, tokens):
        state = torch.zeros(1, tokens.size(0), self.hidden)
        return self.head(self.second(self.first(self.embedding(tokens), state)[0], state)[0][:, -1])


class LiteralState(nn.Module):
    """Makes the state it begins with, by a number in its code."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.rnn = nn.GRU(8, 14, batch_first=True)
        self.head = nn.Linear(14, 5)

    def forward(self, tokens):
        return self.head(self.rnn(self.embedding(tokens), torch.zeros(1, tokens.size(0), 14))[0][:, -1])


class ConstantState(LiteralState):
    """Begins with a state that is a constant, and not 0."""

    def forward(self, tokens):
        state = torch.tensor([[[0.1 * i for i in range(14)]]]).expand(1, tokens.size(0), -1).contiguous()
        return self.head(self.rnn(self.embedding(tokens), state)[0][:, -1])


class Scaled(nn.Module):
    """Multiplies by a plain tensor among its attributes."""

    def __init__(self):
        super().__init__()
        self.scale = torch.linspace(0.5, 2, 14)
        self.embedding = nn.Embedding(20, 8)
        self.rnn = nn.GRU(8, 14, batch_first=True)
        self.head = nn.Linear(14, 5)

    def forward(self, tokens):
        return self.head(self.rnn(self.embedding(tokens))[0][:, -1] * self.scale)


class Ends(nn.Module):
    """Joins the last states of both directions."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.rnn = nn.GRU(8, 8, batch_first=True, bidirectional=True)
        self.head = nn.Linear(16, 5)

    def forward(self, tokens):
        states = self.rnn(self.embedding(tokens))[1]
        return self.head(torch.cat([states[0], states[1]], dim=1))


class BufferState(LiteralState):
    """Begins with a state that is a buffer."""

    def __init__(self):
        super().__init__()
        self.register_buffer("begin", torch.randn(1, 1, 14))

    def forward(self, tokens):
        return self.head(self.rnn(self.embedding(tokens), self.begin.expand(1, tokens.size(0), 14).contiguous())[0][:, -1])


class Activated(nn.Module):
    """Activations that its code calls, and two linear layers without one between them."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.rnn = nn.RNN(8, 14, num_layers=2, nonlinearity="relu", bidirectional=True, batch_first=True)
        self.norm = nn.LayerNorm(28, eps=0.5)
        self.first = nn.Linear(28, 9)
        self.second = nn.Linear(9, 7, bias=False)
        self.head = nn.Linear(7, 5)

    def forward(self, tokens):
        features = self.norm(self.rnn(self.embedding(tokens))[0][:, -1])
        return self.head(self.second(torch.nn.functional.leaky_relu(self.first(features), 0.25)))
