"""Models whose recurrent layers hand on states, or are made of cells."""

from case import Case, F, H, T, sequential
from keras import Input, Model, Sequential, layers

SEQUENCES = {"return_sequences": True}
STATE = {"return_state": True}


def state_cases():
    for cell in (layers.LSTM, layers.GRU, layers.SimpleRNN):
        for masked in (False, True):
            for options in ({}, {"go_backwards": True}, SEQUENCES):
                label = "_".join([f"encoder_decoder_{cell.__name__}", *options, *(["masked"] if masked else [])])
                inputs = ("padded" if masked else "normal", "normal")
                yield Case(label, encoder_decoder(cell, masked, **options), inputs=inputs)
    yield Case("state_LSTM_zero_output_for_mask", own_state(zero_output_for_mask=True), inputs=("padded",))
    yield Case("state_LSTM_zero_output_for_mask_sequence", own_state(zero_output_for_mask=True, **SEQUENCES), inputs=("padded",))
    yield Case("state_as_input", given_state, inputs=("normal", "normal", "normal"))
    yield Case("state_by_place", given_state_by_place, inputs=("normal", "normal"))
    yield Case("states_shared_layer", shared, inputs=("normal", "normal"))
    for cell in (layers.LSTM, layers.GRU):
        for mode in ("concat", "sum", None):
            for masked in (False, True):
                label = f"Bidirectional_states_{cell.__name__}_{mode}_{masked}"
                yield Case(label, both_states(cell, mode, masked), inputs=("padded" if masked else "normal",))
    for cell in (layers.LSTM, layers.GRU, layers.SimpleRNN):
        for sequences in (False, True):
            for masked in (False, True):
                label = f"Bidirectional_unmerged_{cell.__name__}_{sequences}_{masked}"
                yield Case(label, unmerged(cell, sequences, masked), inputs=("padded" if masked else "normal",))
    yield from cells()
    yield from stateful()


def first(masked):
    """An input, and what comes of it where zeros are masked."""
    x = Input((T, F))
    return x, layers.Masking()(x) if masked else x


def encoder_decoder(cell, masked, **options):
    def build():
        x, steps = first(masked)
        y = Input((T - 1, F))
        _, *states = cell(H, **STATE, **options)(steps)
        decoded = cell(H, **SEQUENCES)(y, initial_state=states if len(states) > 1 else states[0])
        return Model([x, y], layers.Dense(2)(decoded))

    return build


def own_state(**options):
    def build():
        x, steps = first(True)
        output, *states = layers.LSTM(H, **STATE, **options)(steps)
        parts = [layers.Flatten()(output), *states]
        return Model(x, layers.Concatenate()(parts))

    return build


def given_state():
    x, h, c = Input((T, F)), Input((H,)), Input((H,))
    return Model([x, h, c], layers.LSTM(H, go_backwards=True, **SEQUENCES)(x, initial_state=[h, c]))


def given_state_by_place():
    x, h = Input((T, F)), Input((H,))
    return Model([x, h], layers.GRU(H)(x, h))


def shared():
    """One layer over two sequences, the second from where the first ended."""
    x, y = Input((T, F)), Input((T + 1, F))
    layer = layers.LSTM(H, **STATE)
    _, h, c = layer(x)
    output, _, last = layer(y, initial_state=[h, c])
    return Model([x, y], layers.Concatenate()([output, last]))


def both_states(cell, mode, masked):
    def build():
        x, steps = first(masked)
        outputs = layers.Bidirectional(cell(H, **SEQUENCES, **STATE), merge_mode=mode)(steps)
        merged = 1 if mode else 2
        sequence, states = outputs[0], outputs[merged:]
        again = layers.Bidirectional(cell(H), merge_mode="mul")(sequence, initial_state=list(states))
        return Model(x, layers.Concatenate()([again, outputs[1] if mode else layers.GlobalMaxPooling1D()(outputs[1])]))

    return build


def unmerged(cell, sequences, masked):
    def build():
        x, steps = first(masked)
        forward, backward = layers.Bidirectional(cell(H, return_sequences=sequences), merge_mode=None)(steps)
        return Model(x, layers.Subtract()([forward, backward]))

    return build


def cells():
    lstm, gru, rnn = layers.LSTMCell, layers.GRUCell, layers.SimpleRNNCell
    makers = {
        "LSTMCell": lambda: lstm(H),
        "GRUCell": lambda: gru(H),
        "GRUCell_reset_before": lambda: gru(H, reset_after=False, use_bias=False),
        "SimpleRNNCell": lambda: rnn(H, activation="relu"),
        "stack": lambda: [lstm(H), gru(5), rnn(4)],
        "stack_of_one_kind": lambda: layers.StackedRNNCells([lstm(H), lstm(H, recurrent_activation="hard_sigmoid"), lstm(3)]),
        "stack_of_one": lambda: layers.StackedRNNCells([gru(H)]),
    }
    for name, make in makers.items():
        for options in ({}, SEQUENCES, {"go_backwards": True, **SEQUENCES}):
            label = "_".join(["RNN", name, *options])
            yield Case(label, lambda make=make, options=options: sequential(layers.RNN(make(), **options)))
        if name == "stack_of_one":  # Keras 3.15 fails to mask such a one
            continue
        yield Case(
            f"RNN_{name}_masked",
            lambda make=make: sequential(
                layers.Masking(), layers.RNN(make(), zero_output_for_mask=True, go_backwards=True, **SEQUENCES), layers.Dense(2)
            ),
            inputs=("padded",),
        )
        for sequences in (False, True):
            yield Case(
                f"Bidirectional_RNN_{name}_{sequences}",
                lambda make=make, sequences=sequences: sequential(
                    layers.Masking(), layers.Bidirectional(layers.RNN(make(), return_sequences=sequences)), layers.LSTM(3) if sequences else layers.Dense(2)
                ),
                inputs=("padded",),
            )
    yield Case("RNN_stack_in_a_stack_of_layers", lambda: sequential(
        layers.LSTM(6, **SEQUENCES), layers.RNN([gru(H), lstm(5)], **SEQUENCES), layers.LSTM(6), layers.Dense(1)
    ))
    yield Case("RNN_cell_states", cell_states, inputs=("normal", "normal"))


def cell_states():
    x, y = Input((T, F)), Input((T, F))
    _, h, c = layers.RNN(layers.LSTMCell(H), **STATE)(x)
    return Model([x, y], layers.RNN(layers.LSTMCell(H))(y, initial_state=[h, c]))



def stateful():
    """Layers that go on where the batch before ended; Keras' states are reset before each batch, as we begin anew with each."""
    kept = {"stateful": True}
    trained = {"targets": "real", "loss": "mean_squared_error"}
    stacks = {
        "LSTM": lambda: [layers.LSTM(H, **kept), layers.Dense(2)],
        "GRU_SimpleRNN": lambda: [layers.GRU(H, **kept, **SEQUENCES), layers.SimpleRNN(4, **kept, **SEQUENCES)],
        "Bidirectional": lambda: [layers.Bidirectional(layers.LSTM(H, **kept, **SEQUENCES)), layers.GRU(3)],
        "masked_backwards": lambda: [layers.Masking(), layers.LSTM(H, go_backwards=True, **kept), layers.Dense(2)],
        "RNN_cells": lambda: [layers.RNN(layers.LSTMCell(H), **kept), layers.Dense(2)],
    }
    for name, stack in stacks.items():
        yield Case(
            f"stateful_{name}",
            lambda stack=stack: Sequential([Input(batch_shape=(4, T, F)), *stack()]),
            inputs=("padded" if "masked" in name else "normal",),
            **trained,
        )
