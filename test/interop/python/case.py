"""What one case of the forward tests is, and the sizes and the stack that most cases share."""

from collections.abc import Callable
from dataclasses import dataclass

from keras import Input, Model, Sequential

# Shapes are odd on purpose: a transposed or mis-strided axis must not fit by chance.
T, F, H = 5, 3, 7


@dataclass
class Case:
    name: str
    build: Callable[[], Model]
    # How inputs are drawn: 'normal', 'ids' (0 and up, padded with zeros at the end), 'padded' (whole steps of zeros).
    inputs: tuple = ("normal",)
    # For evaluate(): 'real' like the outputs, 'binary', 'onehot', 'classes'.
    targets: str | None = None
    loss: object = None
    batch: int = 4
    steps: int = T
    # Scale of all weights; below 1 where an activation would run away.
    gain: float = 1.0
    # Largest difference of the outputs; Keras computes in the weights' own type.
    tolerance: float = 1e-5
    # True: must be computed. False: computed rightly, or named.
    required: bool = True


def sequential(*stack, shape=(T, F)):
    return Sequential([Input(shape), *stack])
