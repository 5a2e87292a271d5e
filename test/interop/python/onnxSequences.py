"""Modules for onnxExports.py that heed the lengths of sequences, or as many steps as there are, in the ways that people write that."""

import torch
from torch import nn


def floats(*shape):
    return torch.randn(*shape)


class LastByGather(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.out = nn.GRU(5, 8, batch_first=True, bidirectional=True), nn.Linear(16, 3)

    def forward(self, x, lengths):
        y = self.gru(x)[0]
        return self.out(y.gather(1, (lengths - 1).view(-1, 1, 1).expand(-1, 1, y.size(2))).squeeze(1))


class LastByIndex(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(5, 8, batch_first=True), nn.Linear(8, 3)

    def forward(self, x, lengths):
        return self.out(self.lstm(x)[0][torch.arange(x.size(0)), lengths - 1])


class MaskedByLengths(nn.Module):
    """The steps behind the ends have no share in the attention, nor in the mean beside it."""

    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(5, 8, batch_first=True), nn.Linear(16, 3)
        self.key = nn.Parameter(torch.randn(8))

    def forward(self, x, lengths):
        y, steps = self.lstm(x)[0], torch.arange(x.size(1))
        behind = steps.unsqueeze(0) >= lengths.unsqueeze(1)
        weights = torch.softmax(torch.matmul(torch.tanh(y), self.key).masked_fill(behind, float("-inf")), 1)
        real = (lengths.unsqueeze(1) > steps).float().unsqueeze(-1)
        mean = (y * real).sum(1) / lengths.unsqueeze(1).float()
        return self.out(torch.cat([torch.einsum("bt,bth->bh", weights, y), mean], 1))


class BatchPositions(nn.Module):
    """Positions that are said for every sample."""

    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(20, 5), nn.Embedding(20, 5)
        self.lstm, self.out = nn.LSTM(10, 8, batch_first=True), nn.Linear(8, 2)

    def forward(self, x):
        batch, steps = x.shape
        expanded = self.positions(torch.arange(steps).unsqueeze(0).expand(batch, -1))
        repeated = self.positions(torch.arange(steps).repeat(batch, 1))
        return self.out(self.lstm(torch.cat([repeated, self.tokens(x) + expanded], -1))[0])


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.LSTM(5, 8, batch_first=True), nn.LSTM(8, 8, batch_first=True)
        self.out = nn.Linear(8, 5)

    def forward(self, x):
        batch, steps, width = x.shape
        _, (h, _) = self.encoder(x)
        y, _ = self.decoder(h.permute(1, 0, 2).repeat(1, steps, 1))
        return self.out(y.reshape(batch * steps, -1)).view(batch, steps, width)


class TeacherForcing(nn.Module):
    """The decoder begins with zeros, and with both directions of each of the encoder's layers."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.GRU(5, 4, 2, batch_first=True, bidirectional=True)
        self.decoder, self.out = nn.GRU(3, 8, batch_first=True), nn.Linear(8, 3)

    def forward(self, a, b):
        _, h = self.encoder(a)
        last = h.view(2, 2, a.size(0), 4)[-1]
        begin = torch.zeros(b.size(0), 1, b.size(2))
        y, _ = self.decoder(torch.cat([begin, b[:, :-1]], 1), torch.cat([last[0], last[1]], -1).unsqueeze(0))
        return self.out(y)


class PackedUnsorted(nn.Module):
    """Sorted by their lengths for the layers, and put back behind them."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 6, padding_idx=0)
        self.lstm, self.out = nn.LSTM(6, 8, 2, batch_first=True, bidirectional=True), nn.Linear(32, 4)

    def forward(self, x, lengths):
        steps = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        y, (h, _) = self.lstm(steps)
        y, _ = nn.utils.rnn.pad_packed_sequence(y, batch_first=True)
        return self.out(torch.cat([y.sum(1), h[-2], h[-1]], 1))


BATCH, STEPS = 3, 7


def sequence_modules():
    """As MODULES in onnxExports.py."""
    lengths = torch.tensor([3, 7, 2])
    return [
        (LastByGather, [floats(BATCH, STEPS, 5), lengths], 0, ""),
        (LastByIndex, [floats(BATCH, STEPS, 5), lengths], 0, ""),
        (MaskedByLengths, [floats(BATCH, STEPS, 5), lengths], 0, ""),
        (BatchPositions, [torch.randint(0, 20, (BATCH, STEPS))], 0, ""),
        (Autoencoder, [floats(BATCH, STEPS, 5)], 0, ""),
        (PackedUnsorted, [torch.randint(1, 20, (BATCH, STEPS)), lengths], 0, "dynamo"),
        (TeacherForcing, [floats(BATCH, STEPS, 5), floats(BATCH, 5, 3)], 0, ""),
    ]
