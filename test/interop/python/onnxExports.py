"""onnxExports.py FOLDER: modules as people write them, exported by both exporters of torch.onnx, and what ONNX Runtime makes of the files.

FOLDER gets NAME.EXPORTER.LENGTHS.onnx, LENGTHS being free (batch, and steps where the exporter can leave them free) or fixed. Printed:
[{ file, inputs: { name: packed array, batch first }, outputs: [packed array, batch first] }].
"""

import json
import os
import sys
import warnings

import numpy as np
import onnxruntime
import torch
from onnxSequences import sequence_modules
from packed import packed
from torch import nn

BATCH, STEPS = 3, 7


def floats(*shape):
    return torch.randn(*shape)


def tokens(high, *shape):
    return torch.randint(0, high, shape)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.out = nn.Embedding(20, 8), nn.LSTM(8, 12, batch_first=True), nn.Linear(12, 5)

    def forward(self, x):
        return self.out(self.lstm(self.embedding(x))[0][:, -1])


class StepsFirst(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(6, 10), nn.Linear(10, 3)

    def forward(self, x):
        return self.out(self.lstm(x)[0])


class WordModel(nn.Module):
    """Rows of all steps in one, as in PyTorch's word_language_model."""

    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.out = nn.Embedding(20, 8), nn.LSTM(8, 8, 2), nn.Linear(8, 20)
        self.out.weight = self.embedding.weight

    def forward(self, x):
        y = self.lstm(self.embedding(x))[0]
        return self.out(y.reshape(-1, 8)).view(x.size(0), x.size(1), 20)


class StackedGru(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(6, 7, num_layers=2, bidirectional=True, dropout=0.3, batch_first=True)
        self.drop, self.out = nn.Dropout(0.2), nn.Linear(14, 4)

    def forward(self, x):
        return torch.softmax(self.out(self.drop(self.gru(x)[0])), -1)


class LastStates(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 7, num_layers=2, bidirectional=True, batch_first=True)
        self.out = nn.Linear(14, 4)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return torch.log_softmax(self.out(torch.cat([h[-2], h[-1]], 1)), -1)


class Normalised(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.norm, self.out = nn.LSTM(6, 8, batch_first=True), nn.LayerNorm(8), nn.Linear(8, 1)

    def forward(self, x):
        return self.out(torch.relu(self.norm(self.lstm(x)[0]))).squeeze(-1)


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.pool = nn.Conv1d(4, 8, 3, padding=1), nn.BatchNorm1d(8), nn.MaxPool1d(2)
        self.gru, self.out = nn.GRU(8, 9, batch_first=True), nn.Linear(9, 2)
        with torch.no_grad():
            self.norm.running_mean.uniform_(-0.5, 0.5)
            self.norm.running_var.uniform_(0.5, 1.5)

    def forward(self, x):
        y = self.pool(torch.relu(self.norm(self.conv(x))))
        return self.out(self.gru(y.transpose(1, 2))[1].squeeze(0))


class AttentionPooling(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 8, batch_first=True, bidirectional=True)
        self.score, self.out = nn.Linear(16, 1), nn.Linear(16, 3)

    def forward(self, x):
        y = self.lstm(x)[0]
        return self.out((torch.softmax(self.score(torch.tanh(y)), 1) * y).sum(1))


class DotAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.out = nn.GRU(5, 8, batch_first=True), nn.Linear(16, 3)

    def forward(self, x):
        y, h = self.gru(x)
        weights = torch.softmax(torch.bmm(h[-1].unsqueeze(1), y.transpose(1, 2)) / 8**0.5, -1)
        return self.out(torch.cat([torch.bmm(weights, y).squeeze(1), h[-1]], -1))


class Luong(nn.Module):
    """A state beside every step."""

    def __init__(self):
        super().__init__()
        self.lstm, self.both, self.score = nn.LSTM(5, 8, batch_first=True), nn.Linear(16, 8), nn.Linear(8, 1, bias=False)
        self.out = nn.Linear(8, 2)

    def forward(self, x):
        y, (h, _) = self.lstm(x)
        repeated = h[-1].unsqueeze(1).expand(-1, y.size(1), -1)
        weights = torch.softmax(self.score(torch.tanh(self.both(torch.cat([y, repeated], 2)))), 1)
        return self.out((weights * y).sum(1))


class EncoderDecoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.out = nn.Embedding(15, 6), nn.Linear(8, 15)
        self.encoder, self.decoder = nn.LSTM(6, 8, batch_first=True), nn.LSTM(6, 8, batch_first=True)

    def forward(self, a, b):
        _, state = self.encoder(self.embedding(a))
        return self.out(self.decoder(self.embedding(b), state)[0])


class GivenStates(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(6, 8, batch_first=True), nn.Linear(8, 2)

    def forward(self, x, h, c):
        y, (h, c) = self.lstm(x, (h, c))
        return self.out(y), h, c


class Packed(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(6, 8, batch_first=True, bidirectional=True), nn.Linear(16, 2)

    def forward(self, x, lengths):
        packed_steps = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=True)
        y, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed_steps)[0], batch_first=True)
        return self.out(y)


class ReluRnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.out = nn.RNN(6, 8, num_layers=2, nonlinearity="relu"), nn.Linear(8, 1)

    def forward(self, x):
        return torch.sigmoid(self.out(self.rnn(x)[0][-1]))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.LSTM(8, 8, batch_first=True), nn.LSTM(8, 8, batch_first=True)
        self.out, self.gelu = nn.Linear(8, 3), nn.GELU()

    def forward(self, x):
        y = self.first(x)[0]
        return self.out(self.gelu((y + self.second(y)[0]).mean(1)))


class Pooled(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(5, 8, batch_first=True, bidirectional=True), nn.Linear(32, 3)

    def forward(self, x):
        y = self.lstm(x)[0]
        return self.out(torch.cat([y.max(1)[0], y.mean(1)], 1))


class ZeroStates(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(5, 8, 2, batch_first=True), nn.Linear(8, 1)

    def forward(self, x):
        zeros = torch.zeros(2, x.size(0), 8)
        return self.out(self.lstm(x, (zeros, zeros))[0][:, -1, :])


class LearnedStates(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.out = nn.GRU(5, 8, batch_first=True), nn.Linear(8, 1)
        self.initial = nn.Parameter(torch.randn(1, 1, 8))

    def forward(self, x):
        return self.out(self.gru(x, self.initial.expand(-1, x.size(0), -1).contiguous())[0])


class RepeatedStates(nn.Module):
    """A deviation beside the mean, as forecasting models put out, of states that are learned and repeated for every sample."""

    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(5, 8, 2, batch_first=True), nn.Linear(8, 2)
        self.h, self.c = nn.Parameter(torch.randn(2, 1, 8)), nn.Parameter(torch.randn(2, 1, 8))

    def forward(self, x):
        batch = x.size(0)
        y = self.out(self.lstm(x, (self.h.repeat(1, batch, 1), self.c.repeat(1, batch, 1)))[0][:, -1])
        return torch.cat([y[:, :1], torch.nn.functional.softplus(20 * y[:, 1:])], 1)


class MultiHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(5, 8, batch_first=True), nn.Linear(8, 1)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        y = self.lstm(x)[0]
        return self.out(self.attention(y, y, y, need_weights=False)[0].mean(1))


class SelfAttention(nn.Module):
    """Samples and heads are one axis where the products are taken."""

    def __init__(self):
        super().__init__()
        self.lstm, self.norm, self.out = nn.LSTM(5, 8, batch_first=True), nn.LayerNorm(8), nn.Linear(8, 1)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        y = self.lstm(x)[0]
        return self.out(self.norm(y + self.attention(y, y, y)[0])[:, -1])


class PaddedAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.out = nn.Embedding(20, 5), nn.LSTM(5, 8, batch_first=True), nn.Linear(8, 3)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        y = self.lstm(self.embedding(x))[0]
        return self.out(self.attention(y, y, y, key_padding_mask=x == 3)[0].mean(1))


class LastAsks(nn.Module):
    """The query is one step of each sample, times a part of the weights."""

    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(5, 8, batch_first=True), nn.Linear(8, 3)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        y, (h, _) = self.lstm(x)
        return self.out(self.attention(h[-1].unsqueeze(1), y, y)[0].squeeze(1))


class Padded(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(5, 8, batch_first=True), nn.Linear(8, 1)

    def forward(self, x):
        return self.out(self.lstm(nn.functional.pad(x, (0, 0, 2, 0)))[0][:, -1])


class Standardised(nn.Module):
    """The scale of each sample is taken out, and given back."""

    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(5, 8, batch_first=True), nn.Linear(8, 1)

    def forward(self, x):
        mean, deviation = x.mean(1, keepdim=True), x.std(1, keepdim=True) + 1e-5
        return self.out(self.lstm((x - mean) / deviation)[0][:, -1]) * deviation[:, 0, :1] + mean[:, 0, :1]


class Positions(nn.Module):
    """As many rows of two tables as there are steps, and the end beside each of them."""

    def __init__(self):
        super().__init__()
        self.table, self.numbered = nn.Parameter(torch.randn(1, 20, 5)), nn.Embedding(20, 5)
        self.lstm, self.out = nn.LSTM(5, 8, batch_first=True), nn.Linear(16, 2)

    def forward(self, x):
        steps = x.size(1)
        y, (h, _) = self.lstm(x + self.table[:, :steps] + self.numbered(torch.arange(steps)))
        return self.out(torch.cat([y, h[-1].unsqueeze(1).repeat(1, steps, 1)], -1))


class TwoInputs(nn.Module):
    """What is not a sequence stands beside its end."""

    def __init__(self):
        super().__init__()
        self.lstm, self.beside, self.out = nn.LSTM(5, 8, batch_first=True), nn.Linear(3, 4), nn.Linear(12, 1)

    def forward(self, x, z):
        return torch.sigmoid(self.out(torch.cat([self.lstm(x)[1][0][-1], torch.relu(self.beside(z))], 1)))


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 8, padding_idx=0)
        self.lstm = nn.LSTM(8, 6, batch_first=True, bidirectional=True, num_layers=2, dropout=0.1)
        self.head = nn.Sequential(nn.Linear(12, 10), nn.SiLU(), nn.Dropout(0.1), nn.Linear(10, 4))

    def forward(self, x):
        return self.head(self.lstm(self.embedding(x))[0]).transpose(1, 2)


# Class, inputs, and the batch's axis in them (and in the outputs). What an exporter cannot write, or as any other, stands behind.
MODULES = [
    (Classifier, [tokens(20, BATCH, STEPS)], 0, ""),
    (StepsFirst, [floats(STEPS, BATCH, 6)], 1, ""),
    (WordModel, [tokens(20, STEPS, BATCH)], 1, ""),
    (StackedGru, [floats(BATCH, STEPS, 6)], 0, ""),
    (LastStates, [floats(BATCH, STEPS, 6)], 0, ""),
    (Normalised, [floats(BATCH, STEPS, 6)], 0, ""),
    (Convolutional, [floats(BATCH, 4, 10)], 0, ""),
    (AttentionPooling, [floats(BATCH, STEPS, 5)], 0, ""),
    (DotAttention, [floats(BATCH, STEPS, 5)], 0, ""),
    (Luong, [floats(BATCH, STEPS, 5)], 0, ""),
    (EncoderDecoder, [tokens(15, BATCH, STEPS), tokens(15, BATCH, 5)], 0, ""),
    (GivenStates, [floats(BATCH, STEPS, 6), floats(1, BATCH, 8), floats(1, BATCH, 8)], (0, 1, 1), ""),
    (Packed, [floats(BATCH, STEPS, 6), torch.tensor([7, 5, 2])], 0, "dynamo"),
    (ReluRnn, [floats(STEPS, BATCH, 6)], (1, 0), "dynamo"),  # written out step by step: no recurrent node
    (Residual, [floats(BATCH, STEPS, 8)], 0, ""),
    (Pooled, [floats(BATCH, STEPS, 5)], 0, ""),
    (ZeroStates, [floats(BATCH, STEPS, 5)], 0, ""),
    (LearnedStates, [floats(BATCH, STEPS, 5)], 0, ""),
    (RepeatedStates, [floats(BATCH, STEPS, 5)], 0, ""),
    (MultiHead, [floats(BATCH, STEPS, 5)], 0, ""),
    (SelfAttention, [floats(BATCH, STEPS, 5)], 0, ""),
    (PaddedAttention, [tokens(20, BATCH, STEPS)], 0, ""),
    (LastAsks, [floats(BATCH, STEPS, 5)], 0, ""),
    (Padded, [floats(BATCH, STEPS, 5)], 0, "dynamo"),
    (Standardised, [floats(BATCH, STEPS, 5)], 0, "dynamo"),
    (Positions, [floats(BATCH, STEPS, 5)], 0, ""),
    (TwoInputs, [floats(BATCH, STEPS, 5), floats(BATCH, 3)], 0, ""),
    (Tagger, [tokens(20, BATCH, STEPS)], 0, ""),
]
# Whose steps the older exporter writes as numbers in part; the newer one exports these with fixed lengths.
FIXED_STEPS = {Convolutional, MultiHead, GivenStates}


def export(module, inputs, axes, exporter, free, path):
    names = [f"in{i}" for i in range(len(inputs))]
    if exporter == "torchscript":
        free_axes = {
            name: {axis: "batch"} | ({1 - axis: f"steps{i}"} if x.dim() > 1 and type(module) not in FIXED_STEPS else {})
            for i, (name, x, axis) in enumerate(zip(names, inputs, axes))
        }
        torch.onnx.export(
            module, tuple(inputs), path, input_names=names, dynamic_axes=free_axes if free else None, dynamo=False, opset_version=17
        )
        return
    batch = torch.export.Dim("batch")
    shapes = tuple({axis: batch} for axis in axes) if free else None
    torch.onnx.export(
        module, tuple(inputs), path, input_names=names, dynamic_shapes=shapes, dynamo=True, external_data=False, verbose=False
    )


def main():
    warnings.filterwarnings("ignore")
    torch.manual_seed(1)
    folder = sys.argv[1]
    answers = []
    sys.stdout = sys.stderr
    for build, inputs, batch, without in MODULES + sequence_modules():
        module = build().eval()
        axes = batch if isinstance(batch, tuple) else (batch,) * len(inputs)
        for exporter in ("torchscript", "dynamo"):
            if exporter == without:
                continue
            # The newer exporter takes its time, and writes the same but for lengths.
            for free in (True, False) if exporter == "torchscript" else (build not in FIXED_STEPS,):
                file = f"{build.__name__}.{exporter}.{'free' if free else 'fixed'}.onnx"
                path = os.path.join(folder, file)
                export(module, inputs, axes[: len(inputs)], exporter, free, path)
                session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
                feed = {one.name: x.numpy() for one, x in zip(session.get_inputs(), inputs)}
                outputs = session.run(None, feed)
                given = {
                    name: packed(np.moveaxis(x.astype(np.int32) if x.dtype == np.int64 else x, axis, 0))
                    for (name, x), axis in zip(feed.items(), axes)
                }
                ends = axes[-1:] if len(outputs) == 1 else axes
                answers.append(
                    {"file": file, "inputs": given, "outputs": [packed(np.moveaxis(x, axis, 0)) for x, axis in zip(outputs, ends)]}
                )
    sys.stdout = sys.__stdout__
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
