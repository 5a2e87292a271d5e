"""Draws strings of the embedded Reber grammar and states the lowest loss that any model can reach on them.

    python generate.py              writes reber.npz
    python generate.py --bound      prints the bound only

Needs numpy. The grammar is that of Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997,
experiment 1. Every branch is taken with probability 1/2. Strings longer than MAX_LENGTH are drawn again, so the
probabilities below are those of a string that ends in time.
"""

import argparse
import math
from pathlib import Path

import numpy as np

SYMBOLS = "BTPSXVE"
MAX_LENGTH = 40
STRINGS = {"train": 4096, "val": 512, "test": 1024}
SEED = 1997

# The inner grammar: state -> {symbol: next state}. State 6 is left by E alone.
INNER = {
    0: {"B": 1},
    1: {"T": 2, "P": 3},
    2: {"S": 2, "X": 4},
    3: {"T": 3, "V": 5},
    4: {"X": 3, "S": 6},
    5: {"P": 4, "V": 6},
    6: {"E": 7},
}
END = "end"


def embedded_grammar():
    """The whole automaton: B, then T or P, a string of the inner grammar, the same T or P again, E.

    States are 'start', 'choose', (symbol, inner state), ('close', symbol), 'last', 'end'.
    """
    states = {"start": {"B": "choose"}, "choose": {s: (s, 0) for s in "TP"}, "last": {"E": END}, END: {}}
    for chosen in "TP":
        for state, moves in INNER.items():
            states[chosen, state] = {
                s: (chosen, to) if to in INNER else ("close", chosen) for s, to in moves.items()
            }
        states["close", chosen] = {chosen: "last"}
    return states


GRAMMAR = embedded_grammar()


def ending_probabilities():
    """ends[n][state]: the probability that a walk from this state ends within n more symbols."""
    ends = [{state: float(state == END) for state in GRAMMAR}]
    for _ in range(MAX_LENGTH):
        ends.append(
            {
                state: sum(ends[-1][to] for to in moves.values()) / len(moves) if moves else 1.0
                for state, moves in GRAMMAR.items()
            }
        )
    return ends


ENDS = ending_probabilities()


def next_symbols(state, written):
    """Symbol -> probability after `written` symbols, given that the string ends within MAX_LENGTH."""
    left = MAX_LENGTH - written
    moves = GRAMMAR[state]
    ends = ENDS[left - 1]
    return {s: ends[to] / len(moves) / ENDS[left][state] for s, to in moves.items() if ends[to]}


def draw(random):
    """One string, each symbol by its conditional probability (the same as drawing and rejecting long ones)."""
    state, text = "start", ""
    while state != END:
        choices = next_symbols(state, len(text))
        symbol = random.choice(list(choices), p=list(choices.values()))
        state, text = GRAMMAR[state][symbol], text + symbol
    return text


def surprise(text):
    """-ln p of every symbol after the first, given the whole string before it."""
    state, result = "start", []
    for written, symbol in enumerate(text):
        if written:
            result.append(-math.log(next_symbols(state, written)[symbol]))
        state = GRAMMAR[state][symbol]
    return result


def unlimited_bound():
    """Entropy per predicted symbol in nats where strings may be of any length: closed form.

    The string so far fixes the state, so a symbol costs ln 2 where the state has two ways out and nothing elsewhere.
    With N = (I - Q)^-1, the expected visits of the absorbing Markov chain, the bound is
    ln 2 * (visits of branching states) / (visits of all states that a symbol is predicted in).
    """
    names = [state for state in GRAMMAR if state != END]
    index = {state: i for i, state in enumerate(names)}
    q = np.zeros((len(names), len(names)))
    for state in names:
        for to in GRAMMAR[state].values():
            if to != END:
                q[index[state], index[to]] += 1 / len(GRAMMAR[state])
    visits = np.linalg.inv(np.eye(len(names)) - q)[index["start"]]
    branching = sum(visits[index[state]] for state in names if len(GRAMMAR[state]) > 1)
    predicted = visits.sum() - 1  # the first B is given
    return math.log(2) * branching / predicted, predicted


def limited_bound():
    """The same under the limit on length: the chain over (state, symbols written), summed exactly."""
    at = {"start": 1.0}
    entropy = predicted = 0.0
    for written in range(MAX_LENGTH):
        following = {}
        for state, probability in at.items():
            for symbol, p in next_symbols(state, written).items():
                if written:
                    entropy -= probability * p * math.log(p)
                    predicted += probability * p
                to = GRAMMAR[state][symbol]
                if to != END:
                    following[to] = following.get(to, 0.0) + probability * p
        at = following
    return entropy / predicted, predicted


def encode(texts, steps):
    """One-hot x [N,T,7] as uint8, padded with zeros; y [N,T] holds the next symbol's index, 0 where padded."""
    x = np.zeros((len(texts), steps, len(SYMBOLS)), np.uint8)
    y = np.zeros((len(texts), steps), np.int32)
    for n, text in enumerate(texts):
        ids = [SYMBOLS.index(symbol) for symbol in text]
        x[n, np.arange(len(ids) - 1), ids[:-1]] = 1
        y[n, : len(ids) - 1] = ids[1:]
    return x, y


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bound", action="store_true", help="print the bound, write nothing")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("reber.npz"))
    options = parser.parse_args()

    random = np.random.default_rng(SEED)
    texts = {split: [draw(random) for _ in range(count)] for split, count in STRINGS.items()}
    longest = max(len(text) for part in texts.values() for text in part)

    for name, (bound, predicted) in {
        "any length": unlimited_bound(),
        f"at most {MAX_LENGTH} symbols": limited_bound(),
    }.items():
        print(f"{name}: {bound:.6f} nats a symbol, {predicted:.4f} predicted symbols a string")
    print(f"share of strings within {MAX_LENGTH} symbols: {ENDS[MAX_LENGTH]['start']:.6f}")
    for split, part in texts.items():
        costs = [cost for text in part for cost in surprise(text)]
        mean = math.fsum(costs) / len(costs)
        print(f"{split}: {len(part)} strings, {len(costs)} predicted symbols, {mean:.6f} nats a symbol")

    if not options.bound:
        arrays = {}
        for split, part in texts.items():
            arrays[f"x_{split}"], arrays[f"y_{split}"] = encode(part, longest - 1)
        np.savez_compressed(options.out, **arrays)
        print(f"{options.out.name}: T = {longest - 1}, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
