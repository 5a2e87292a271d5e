"""Makes Keras models for conversion, or computes with converted ones.

`convertModels.py make FOLDER` writes FOLDER/NAME.keras and FOLDER/cases.json: [{name, inputs, outputs}].
`convertModels.py run LIST OUT`: LIST is JSON: [{path, inputs}] of .keras files; OUT gets [{outputs} or {error}].
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import Input, Model, Sequential, layers, ops
from feed import put_out
from packed import packed, unpacked
from structureCases import dict_of, titled

T, F, H = 5, 3, 6


def stack(*items, shape=(T, F)):
    return Sequential([Input(shape), *items])


def attention(kind, **options):
    def build():
        x = Input((T, F), name="x")
        query, value = layers.LSTM(H, return_sequences=True)(x), layers.LSTM(H, return_sequences=True)(x)
        return Model(x, layers.Dense(2)(layers.Flatten()(kind(**options)([query, value]))))

    return build


def causal_attention(kind, masked, length=T, **options):
    def build():
        x = Input((length,), name="x")
        steps = layers.LSTM(H, return_sequences=True)(layers.Embedding(11, 4, mask_zero=masked)(x))
        attended = kind(**options)([steps, steps], use_causal_mask=True)
        return Model(x, layers.Dense(2)(layers.LSTM(4)(attended)))

    return build


def masked_attention():
    x = Input((T,), name="x")
    steps = layers.LSTM(H, return_sequences=True)(layers.Embedding(11, 4, mask_zero=True)(x))
    return Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(layers.Attention()([steps, steps]))))


def heads(masked, bias=True, length=T, **options):
    def build():
        x = Input((length,), name="x")
        steps = layers.LSTM(H, return_sequences=True)(layers.Embedding(11, 4, mask_zero=masked)(x))
        other = layers.LSTM(5, return_sequences=True)(layers.Embedding(11, 4)(x))
        attended = layers.MultiHeadAttention(2, 3, value_dim=4, use_bias=bias)(steps, other, **options)
        end = layers.Flatten() if length else layers.GlobalAveragePooling1D()
        return Model(x, layers.Dense(2)(end(layers.LayerNormalization()(layers.Add()([steps, attended])))))

    return build


def attended_twice():
    """Keras takes the mask off what attention by heads reads; the LSTM is given its own all the same."""
    x = Input((T,), name="x")
    steps = layers.LSTM(H, return_sequences=True)(layers.Embedding(11, 4, mask_zero=True)(x))
    for _ in range(2):
        added = layers.Add()([steps, layers.MultiHeadAttention(2, 3)(steps, steps)])
        steps = layers.LSTM(H, return_sequences=True)(added)
    return Model(x, layers.Dense(2)(layers.MultiHeadAttention(2, 3)(steps, steps)))


def picked():
    x = Input((T, F), name="x")
    steps = layers.Bidirectional(layers.LSTM(H, return_sequences=True))(x)
    return Model(x, layers.Dense(2)(layers.Concatenate()([steps[:, -1], steps[:, 1], layers.Flatten()(steps[:, -3:-1])])))


def branches():
    x = Input((T, F), name="x")
    forward = layers.LSTM(H, return_sequences=True)(x)
    side = layers.Dense(H, "relu")(x)
    return Model(x, layers.Dense(2)(layers.Flatten()(layers.Add()([forward, side]))))


def operations():
    x = Input((T, F), name="x")
    steps = layers.LSTM(H, return_sequences=True)(x)
    squares = ops.square(ops.softsign(ops.transpose(steps, (0, 2, 1))))
    return Model(x, layers.Dense(2)(layers.Concatenate()([ops.mean(squares, axis=1), ops.max(steps, axis=1)])))


def tokens(name="x"):
    return Input((T,), name=name)


def concatenated():
    x = tokens()
    steps = layers.LSTM(H, return_sequences=True)(layers.Embedding(11, 4, mask_zero=True)(x))
    both = layers.Concatenate()([steps, layers.Attention()([steps, steps])])
    return Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(both)))


def named_like_operations():
    """One model's masks make operations and layers of all default names that meet."""
    x = tokens()
    table = layers.Embedding(11, 4, mask_zero=True)(x)
    one, other = layers.LSTM(4, return_sequences=True)(table), layers.GRU(4, return_sequences=True)(layers.Masking(0.5)(table))
    added = layers.Add()([one, other])
    return Model(x, layers.Dense(2)(layers.LSTM(3)(layers.Concatenate()([layers.Concatenate()([one, other]), added]))))


def seq2seq(*, decoders=1):
    source, target = tokens("source"), tokens("target")
    table = layers.Embedding(11, 4, mask_zero=True)
    _, *state = layers.LSTM(H, return_state=True)(table(source))
    steps = table(target)
    for _ in range(decoders):
        steps = layers.LSTM(H, return_sequences=True)(steps, initial_state=state)
    return Model([source, target], layers.Dense(3, "softmax")(steps))


def same_tokens():
    x = tokens()
    steps = layers.Embedding(11, 4, mask_zero=True)(x)
    _, *state = layers.LSTM(H, return_state=True)(steps)
    return Model(x, layers.Dense(3)(layers.LSTM(H, return_sequences=True)(steps, initial_state=state)))


def autoencoder():
    x = tokens()
    code = layers.LSTM(H)(layers.Embedding(11, 4, mask_zero=True)(x))
    steps = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(layers.RepeatVector(3)(code))
    return Model(x, layers.Dense(2)(layers.LSTM(3, return_sequences=True)(steps)))


def product():
    x = Input((T, F), name="x")
    one, other = layers.LSTM(H, return_sequences=True)(x), layers.LSTM(H, return_sequences=True)(x)
    seen = layers.Dot((2, 1))([layers.Softmax()(layers.Dot((2, 2))([one, other])), other])
    return Model(x, layers.Dense(2)(layers.Concatenate()([one, seen])))


def beside_masks():
    x = tokens()
    steps = layers.Embedding(11, 4, mask_zero=True)(x)
    window = layers.LSTM(4)(layers.Conv1D(3, 2)(steps))
    return Model(x, layers.Dense(2)(layers.Concatenate()([window, layers.LSTM(H)(steps)])))


def tagger(first, shape, **options):
    """What a layer puts out at masked steps goes to the outputs: zeros, as a Bidirectional always does."""
    steps = layers.LSTM(4, return_sequences=True, **options)
    return lambda: stack(first(), steps if options else layers.Bidirectional(steps), layers.TimeDistributed(layers.Dense(3, "softmax")), shape=shape)


MODELS = {
    "lstm": lambda: stack(layers.LSTM(H), layers.Dense(4, "softmax")),
    "gru": lambda: stack(layers.GRU(H, return_sequences=True), layers.GRU(4), layers.Dense(2, "sigmoid")),
    "gru_reset_before": lambda: stack(layers.GRU(H, reset_after=False), layers.Dense(2)),
    "rnn": lambda: stack(layers.SimpleRNN(H, activation="relu", use_bias=False), layers.Dense(2, "tanh")),
    "bidirectional": lambda: stack(
        layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(3), merge_mode="sum"),
        layers.Dense(2),
    ),
    "hard_gates": lambda: stack(
        layers.LSTM(H, recurrent_activation="hard_sigmoid"),
        layers.Dense(2),
    ),
    "backwards": lambda: stack(layers.LSTM(H, go_backwards=True), layers.Dense(2)),
    "embedding": lambda: stack(
        layers.Embedding(11, 4, mask_zero=True), layers.LSTM(H), layers.Dropout(0.5), layers.Dense(3, "softmax"), shape=(T,)
    ),
    "masking": lambda: stack(layers.Masking(0.0), layers.LSTM(H), layers.Dense(2)),
    "normalized": lambda: stack(
        layers.Conv1D(4, 3, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.LSTM(H, return_sequences=True),
        layers.LayerNormalization(),
        layers.GlobalAveragePooling1D(),
        layers.Dense(2),
    ),
    "branches": branches,
    "attention": attention(layers.Attention, use_scale=True),
    "additive": attention(layers.AdditiveAttention),
    "concat": attention(layers.Attention, use_scale=True, score_mode="concat"),
    "masked_attention": masked_attention,
    "heads": heads(False),
    "masked_heads": heads(True, bias=False),
    "attended_twice": attended_twice,
    "causal": causal_attention(layers.Attention, False, use_scale=True),
    "causal_masked": causal_attention(layers.AdditiveAttention, True),
    "causal_heads": heads(True, use_causal_mask=True),
    "picked": picked,
    "each_step": lambda: stack(
        layers.TimeDistributed(layers.Conv1D(4, 2, padding="same", strides=2)), layers.TimeDistributed(layers.BatchNormalization()),
        layers.TimeDistributed(layers.MaxPooling1D(2)), layers.TimeDistributed(layers.Flatten()), layers.LSTM(H), layers.Dense(2), shape=(None, 8, F)
    ),
    "groups": lambda: stack(
        layers.LSTM(H, return_sequences=True), layers.GroupNormalization(3), layers.PReLU(shared_axes=[1]), layers.SpatialDropout1D(0.3),
        layers.UpSampling1D(2), layers.UnitNormalization(), layers.LSTM(4), layers.Dense(2)
    ),
    "concatenated": concatenated,
    "named_like_operations": named_like_operations,
    "seq2seq": seq2seq,
    "two_decoders": lambda: seq2seq(decoders=2),
    "same_tokens": same_tokens,
    "autoencoder": autoencoder,
    "product": product,
    "masked_bidirectionals": lambda: stack(
        layers.Embedding(11, 4, mask_zero=True), layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(3)), layers.Dense(2), shape=(T,)
    ),
    "tagger": tagger(lambda: layers.Embedding(11, 4, mask_zero=True), (T,)),
    "masking_tagger": tagger(lambda: layers.Masking(0.0), (None, F)),
    "masking_tagger_of_value": tagger(lambda: layers.Masking(0.3), (T, F)),
    "masked_mean": lambda: stack(
        layers.Embedding(11, 4, mask_zero=True), layers.LSTM(4, return_sequences=True), layers.GlobalAveragePooling1D(), layers.Dense(2), shape=(T,)
    ),
    "masking_mean": lambda: stack(
        layers.Masking(0.0), layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.GlobalAveragePooling1D(), layers.Dense(2), shape=(None, F)
    ),
    "pooled_each_step": lambda: stack(
        layers.TimeDistributed(layers.Conv1D(4, 2)), layers.TimeDistributed(layers.GlobalAveragePooling1D()), layers.TimeDistributed(layers.Softmax()),
        layers.LSTM(H), layers.Dense(2), shape=(None, 8, F)
    ),
    "largest_each_step": lambda: stack(layers.TimeDistributed(layers.GlobalMaxPooling1D()), layers.LSTM(H), layers.Dense(2), shape=(4, 8, F)),
    "zeroing": tagger(lambda: layers.Embedding(11, 4, mask_zero=True), (None,), zero_output_for_mask=True),
    "beside_masks": beside_masks,
    "windows_of_tokens": lambda: stack(
        layers.Embedding(11, 4, mask_zero=True), layers.Conv1D(4, 2, padding="same"), layers.LSTM(H), layers.Dense(2), shape=(T,)
    ),
    "operations": operations,
    "dicts": lambda: titled(dict_of, lambda y: {"score": y}),
    "given_statistics": lambda: stack(
        layers.Normalization(mean=[0.1, -0.2, 0.3], variance=[1, 2, 0.5]), layers.LSTM(H),
        layers.Normalization(mean=0.3, variance=2.0, invert=True), layers.Dense(2)
    ),
    "slopes": lambda: stack(layers.LSTM(H), layers.PReLU(), layers.Rescaling(2.0, offset=0.5), layers.ReLU(max_value=1.5), layers.Dense(2)),
    "stateful": lambda: Sequential(
        [
            Input(batch_shape=(3, T, F)),
            layers.Bidirectional(layers.LSTM(4, stateful=True, return_sequences=True)),
            layers.SimpleRNN(H, stateful=True),
            layers.Dense(2),
        ]
    ),
}


TOKENS = np.array([[1, 2, 3, 4, 5], [6, 7, 0, 0, 0], [8, 9, 10, 0, 0]], np.int32)


def inputs_for(name, model, rng):
    if name == "dicts":
        return [rng.standard_normal((3, F)).astype(np.float32), TOKENS]
    if len(model.inputs) == 2:
        return [TOKENS, TOKENS[[1, 2, 0]]]
    if len(model.inputs[0].shape) == 2:
        return [TOKENS]
    x = rng.standard_normal((3, *(T if n is None else n for n in model.inputs[0].shape[1:]))).astype(np.float32)
    if name.startswith("masking"):
        x[1, 2:] = 0.3 if name.endswith("value") else 0
        x[2, 1, 0], x[2, 3] = 0.3, (0, 0, 1e-30)
    return [x]


def make(folder):
    rng = np.random.default_rng(1)
    cases = []
    for name, build in MODELS.items():
        # Layers have the names that they have in a program with one model.
        keras.backend.clear_session()
        keras.utils.set_random_seed(3)
        model = build()
        model.set_weights([w + rng.uniform(0, 0.3, w.shape).astype(w.dtype) for w in model.get_weights()])
        model.save(folder / f"{name}.keras")
        inputs = inputs_for(name, model, rng)
        cases.append({"name": name, "inputs": [packed(x) for x in inputs], "outputs": [packed(out) for out in put_out(model, inputs)]})
    (folder / "cases.json").write_text(json.dumps(cases))


def run(case):
    try:
        keras.backend.clear_session()
        model = keras.saving.load_model(case["path"])
        return {"outputs": [packed(out) for out in put_out(model, [unpacked(x) for x in case["inputs"]])]}
    except Exception as error:  # what is wrong with one model is that one's result
        return {"error": f"{type(error).__name__}: {error}"}


if sys.argv[1] == "make":
    make(Path(sys.argv[2]))
else:
    Path(sys.argv[3]).write_text(json.dumps([run(case) for case in json.loads(Path(sys.argv[2]).read_text())]))
