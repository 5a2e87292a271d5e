"""What recurrent models of ONNX can be like: every form of the operators in a stack, and every option of one of them."""

from dataclasses import dataclass
from itertools import product

STEPS, SAMPLES = 6, 3

# Of one direction: functions with their alpha and beta.
SIGMOID, TANH, RELU, SOFTSIGN, SOFTPLUS = ("Sigmoid",), ("Tanh",), ("Relu",), ("Softsign",), ("Softplus",)
HARD, ELU, SCALED, LEAKY = ("HardSigmoid", 0.3, 0.4), ("Elu", 0.7), ("ScaledTanh", 0.8, 0.7), ("LeakyRelu", 0.2)
AFFINE, THRESHOLDED = ("Affine", 0.6, 0.1), ("ThresholdedRelu", 0.3)
USUAL = {"LSTM": (SIGMOID, TANH, TANH), "GRU": (SIGMOID, TANH), "RNN": (TANH,)}
# Of a forward and of a backward direction.
OTHERS = {
    "LSTM": ((HARD, SOFTSIGN, ELU), (SIGMOID, SCALED, SOFTSIGN)),
    "GRU": ((HARD, SOFTSIGN), (SIGMOID, SCALED)),
    "RNN": ((SCALED,), (SOFTSIGN,)),
}
EVERY = (RELU, TANH, SIGMOID, AFFINE, LEAKY, THRESHOLDED, SCALED, HARD, ELU, SOFTSIGN, SOFTPLUS)

EQUAL, UNEQUAL, ONE, WHOLE = (4, 4, 4), (5, 4, 2), (6, 3, 1), (STEPS,) * SAMPLES
LENGTHS = {
    "no lengths": (None, False),
    "equal lengths as an input": (EQUAL, False),
    "unequal lengths as an input": (UNEQUAL, False),
    "lengths with a 1 as an input": (ONE, False),
    "whole lengths in the file": (WHOLE, True),
    "equal lengths in the file": (EQUAL, True),
    "unequal lengths in the file": (ONE, True),
}
DIRECTIONS = ("forward", "reverse", "bidirectional")


@dataclass(frozen=True)
class Case:
    cell: str
    direction: str
    # Of a forward and a backward direction.
    functions: tuple
    layers: int = 1
    layout: int = 0
    # Of the samples, longest first; in the file, or an input.
    lengths: tuple | None = None
    constant: bool = False
    linear_before_reset: bool = False
    clip: float | None = None
    initial: bool = False
    peepholes: bool = False
    input_forget: bool = False

    @property
    def directions(self):
        return 2 if self.direction == "bidirectional" else 1

    @property
    def used(self):
        """The functions of the directions that there are."""
        return {"forward": self.functions[:1], "reverse": self.functions[1:]}.get(self.direction, self.functions)

    @property
    def is_torch(self):
        """Whether PyTorch has such a layer: its GRU resets behind the matrix, its RNN has tanh or relu."""
        plain = self.clip is None and not self.peepholes and not self.input_forget
        usual = all(one == USUAL[self.cell] or one == (RELU,) for one in self.used)
        return plain and usual and (self.cell != "GRU" or self.linear_before_reset)

    @property
    def is_exported(self):
        """Whether torch.onnx.export writes it: neither layout 1 nor a layer that only goes backward."""
        return self.is_torch and not self.initial and self.layout == 0 and self.direction != "reverse"

    @property
    def of_samples(self):
        """The lengths of the samples as they are; what torch.onnx.export packs has to be sorted."""
        return self.lengths if self.lengths is None or self.is_exported else (*self.lengths[1:], self.lengths[0])

    @property
    def name(self):
        functions = " and ".join("/".join(name for name, *_ in one) for one in self.used)
        lengths = next(text for text, value in LENGTHS.items() if value == (self.lengths, self.constant))
        options = [name for name in ("linear_before_reset", "initial", "peepholes", "input_forget") if getattr(self, name)]
        clip = [] if self.clip is None else [f"clip {self.clip}"]
        form = [self.cell, self.direction, f"{self.layers} layers", f"layout {self.layout}", functions, lengths, *options, *clip]
        return f"{', '.join(form)}{' (torch.onnx)' if self.is_exported else ''}"


def matrix():
    """Cell × direction × layers × layout × activations × lengths."""
    for layers, layout, direction, (lengths, constant) in product((1, 2, 3), (0, 1), DIRECTIONS, LENGTHS.values()):
        form = {"layers": layers, "layout": layout, "direction": direction, "lengths": lengths, "constant": constant}
        for cell in USUAL:
            for functions in ((USUAL[cell],) * 2, OTHERS[cell]):
                yield Case(cell, functions=functions, **form)
                if cell == "GRU":
                    yield Case(cell, functions=functions, linear_before_reset=True, **form)
        for functions in (((RELU,),) * 2, ((LEAKY,), (ELU,))):
            yield Case("RNN", functions=functions, **form)


def options():
    """One layer: the operators' other attributes and inputs, each with each."""
    either = (False, True)
    for direction, lengths, clip, initial in product(DIRECTIONS, (None, ONE), (None, 0.5), either):
        form = {"direction": direction, "lengths": lengths, "clip": clip, "initial": initial}
        for functions, peepholes, input_forget in product(((USUAL["LSTM"],) * 2, OTHERS["LSTM"]), either, either):
            yield Case("LSTM", functions=functions, peepholes=peepholes, input_forget=input_forget, **form)
        for functions, linear in product(((USUAL["GRU"],) * 2, OTHERS["GRU"]), either):
            yield Case("GRU", functions=functions, linear_before_reset=linear, **form)
        for function in EVERY:
            yield Case("RNN", functions=((function,),) * 2, **form)


def cases():
    """All, each once."""
    return list({case.name: case for case in (*matrix(), *options())}.values())
