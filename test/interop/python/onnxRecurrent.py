"""onnxRecurrent.py FOLDER: recurrent models of every kind as ONNX files, with the weights of PyTorch's modules.

torch.onnx.export writes what it can: layers that go forward or both ways, layout 0, PyTorch's own functions, with lengths as a packed
sequence. onnx.helper writes the rest from the modules' weights: backward alone, layout 1, other functions, states that are given, a GRU
that resets before the matrix. Printed for each, arrays batch first:
{ file, name, inputs: { name: array }, batch: { inputs: [axis], outputs: [axis] } in the file, mixed: whether the file says a length for each
place in the batch, torch: [array] where PyTorch has such a layer, reference: [array] where layout is 1 and onnx' ReferenceEvaluator computes
it }.
"""

import json
import os
import sys
import warnings

import numpy as np
import torch
from onnx import save
from onnx.reference import ReferenceEvaluator
from onnxRecurrentCases import RELU, SAMPLES, STEPS, USUAL, cases
from onnxStack import BATCH, stack
from packed import packed
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

WIDTH, HIDDEN = 5, 4


class Layers(nn.Module):
    """Puts out the sequence and the states one after another."""

    def __init__(self, case):
        super().__init__()
        self.case = case
        relu = {"nonlinearity": "relu"} if case.cell == "RNN" and case.used[0] == (RELU,) else {}
        self.layers = getattr(nn, case.cell)(WIDTH, HIDDEN, case.layers, bidirectional=case.directions == 2, **relu)

    def forward(self, x, lengths=None, states=None):
        lengths = torch.tensor(self.case.of_samples) if self.case.constant else lengths
        given = x if lengths is None else pack_padded_sequence(x, lengths, enforce_sorted=self.case.is_exported)
        y, last = self.layers(given, states)
        if lengths is not None:
            y, _ = pad_packed_sequence(y, total_length=x.size(0))
        return y, *(last if isinstance(last, tuple) else (last,))


def turned(sequence, lengths):
    """Each sample's steps in reverse order, those behind its end where they are."""
    result = sequence.clone()
    for sample, length in enumerate(lengths or [len(sequence)] * SAMPLES):
        result[:length, sample] = sequence[:length, sample].flip(0)
    return result


def torch_answer(case, module, x, states):
    """Y, Y_h and Y_c, batch first: [B,T,dirs·H] and [B,layers·dirs,H]."""
    lengths = None if case.lengths is None else torch.tensor(case.of_samples)
    back = case.direction == "reverse"
    with torch.no_grad():
        y, *last = module(turned(x, case.of_samples) if back else x, lengths, states)
    return [one.transpose(0, 1).numpy() for one in (turned(y, case.of_samples) if back else y, *last)]


def export(module, case, x, path):
    inputs = {"X": x} | ({} if case.lengths is None or case.constant else {"sequence_lens": torch.tensor(case.of_samples)})
    free = {"X": {0: "steps", 1: "batch"}, "sequence_lens": {0: "batch"}}
    axes = {name: free[name] for name in inputs}
    torch.onnx.export(
        module, tuple(inputs.values()), path, input_names=list(inputs), dynamic_axes=axes, dynamo=False, opset_version=17
    )


def batch_axis(case, name):
    return 0 if name == "sequence_lens" else BATCH[case.layout]["X" if name == "X" else "state"]


def reference_answer(case, model, fed):
    """Of nodes with layout 1, where onnx' own evaluator computes them: it goes by no lengths and by the usual functions."""
    if case.layout == 0 or case.lengths is not None or any(one != USUAL[case.cell] for one in case.used):
        return None
    outputs = ReferenceEvaluator(model).run(None, {name: np.moveaxis(x, 0, batch_axis(case, name)) for name, x in fed.items()})
    return [packed(np.asarray(one, np.float32)) for one in outputs]


def written(folder, number, case):
    torch.manual_seed(number)
    module = Layers(case).eval()
    x = torch.randn(STEPS, SAMPLES, WIDTH)
    states = [torch.randn(case.layers * case.directions, SAMPLES, HIDDEN) for _ in range(1 + (case.cell == "LSTM"))]
    given = {"X": x} | ({"sequence_lens": np.int32(case.of_samples)} if case.lengths and not case.constant else {})
    if case.initial:
        given |= dict(zip(("initial_h", "initial_c"), states))
    fed = {name: np.moveaxis(np.asarray(one), 0 if name == "sequence_lens" else 1, 0) for name, one in given.items()}
    path = os.path.join(folder, f"{number}.onnx")
    model = None
    if case.is_exported:
        export(module, case, x, path)
    else:
        peepholes = torch.randn(case.layers, case.directions, 3 * HIDDEN).numpy() if case.peepholes else None
        model = stack(case, module.layers, fed, peepholes)
        save(model, path)
    initial = (states[0] if len(states) == 1 else tuple(states)) if case.initial else None
    return {
        "file": os.path.basename(path),
        "name": case.name,
        "inputs": {name: packed(one) for name, one in fed.items()},
        "batch": {
            "inputs": [batch_axis(case, name) for name in fed],
            "outputs": [1 if case.is_exported else BATCH[case.layout]["Y"], *[BATCH[case.layout]["state"]] * len(states)],
        },
        "mixed": case.constant and len(set(case.lengths)) > 1,
        "torch": [packed(one) for one in torch_answer(case, module, x, initial)] if case.is_torch else None,
        "reference": reference_answer(case, model, fed) if model else None,
    }


def main():
    warnings.filterwarnings("ignore")
    folder = sys.argv[1]
    sys.stdout = sys.stderr
    answers = [written(folder, number, case) for number, case in enumerate(cases())]
    sys.stdout = sys.__stdout__
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
