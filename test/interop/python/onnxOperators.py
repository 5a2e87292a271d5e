"""onnxOperators.py FOLDER: small ONNX models around a recurrent layer, one for each way of using an operator, and what ONNX Runtime puts out.

Every model is written twice, with lengths that are free and with lengths that are fixed. FOLDER gets NAME.free.onnx and NAME.fixed.onnx;
printed: [{ file, inputs: { name: packed array, batch first }, outputs: [packed array, batch first] }].
"""

import json
import os
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, parser, save
from onnxFunctions import DOMAIN, add_functions
from packed import packed

BATCH, STEPS, INPUTS, UNITS = 3, 7, 5, 6

# y: [T,B,H]; s: [B,T,H]; h: [1,B,H]
LSTM = """
xt = Transpose<perm=[1,0,2]>(x)
y4, h, c = LSTM<hidden_size=6>(xt, W, R, B)
y = Squeeze(y4, i1)
s = Transpose<perm=[1,0,2]>(y)
"""
# y4: [T,2,B,H]
BOTH = """
xt = Transpose<perm=[1,0,2]>(x)
y4, h = GRU<hidden_size=6,direction="bidirectional",linear_before_reset=1>(xt, W2, R2, B2)
"""
# Steps of cells as people write them: one matrix for x and h together, a product for each gate, h' = n + z (h − n).
LSTM_STEP = (
    "xh = Concat<axis=1>(xs, hp) z4 = Gemm<transB=1>(xh, cell, cellbias) q1, q2, q3, q4 = Split<axis=1>(z4, sixes) gi = Sigmoid(q1) "
    "gf = Sigmoid(q2) gg = Tanh(q3) go = Sigmoid(q4) fc = Mul(gf, cp) ig = Mul(gi, gg) co = Add(fc, ig) tc = Tanh(co) hh = Mul(go, tc)"
)
GRU_STEP = (
    "xz = MatMul(xs, kz) hz = MatMul(hp, rz) sz = Add(xz, hz) bz = Add(sz, mean) gz = Sigmoid(bz) "
    "xr = MatMul(xs, kr) hr = MatMul(hp, rr) sr = Add(xr, hr) br = Add(sr, variance) gr = Sigmoid(br) "
    "xn = MatMul(xs, kn) rh = Mul(gr, hp) hn_ = MatMul(rh, rn) sn = Add(xn, hn_) bn = Add(sn, scale) gn = Tanh(bn) "
    "one = Constant<value_float=1.0>() nz = Sub(one, gz) kept = Mul(gz, hp) new = Mul(nz, gn) hh = Add(kept, new)"
)
# As torch.std is written, where the number of steps is free.
DEVIATION = """\
m = ReduceMean<keepdims=1>(s, AXES)
d = Sub(s, m)
q = Mul(d, d)
v = ReduceMean<keepdims=1>(q, AXES)
sh = Shape(s)
g = Gather(sh, AXES)
n = ReduceProd<keepdims=0>(g)
f = Cast<to=1>(n)
w = Mul(v, f)
o = Constant<value_float=1.0>()
l = Sub(f, o)
u = Div(w, l)
r = Sqrt(u)
out = Div(d, r)
"""
WEIGHTS = {
    "W": (1, 24, 5), "R": (1, 24, 6), "B": (1, 48),
    "W2": (2, 18, 5), "R2": (2, 18, 6), "B2": (2, 36),
    "dense": (6, 4), "dense12": (12, 4), "bias": (4,), "turned": (4, 6), "scale": (6,), "shift": (1, 1, 6), "steps": (7, 1),
    "positions": (1, 7, 6), "query": (6, 1), "single": (1,), "mean": (6,), "variance": (6,), "wide": (42, 3),
    "kernel": (4, 6, 3), "depth": (6, 1, 3), "kernel2": (4, 6, 1, 3), "matrices": (1, 6, 4), "learned": (1, 1, 6), "learned2": (2, 1, 6),
    "WD": (1, 24, 6), "RD": (1, 24, 6), "BD": (1, 48), "WG": (1, 18, 12), "table": (11, 5), "states": (2, 3),
}  # fmt: skip
INTEGERS = {
    "i0": [0], "i1": [1], "i2": [2], "i3": [3], "im1": [-1], "im3": [-3], "i12": [1, 2], "big": [2**63 - 1], "rows": [-1, 6],
    "three": [0, 0, -1], "heads": [0, 0, 2, 3], "joined": [0, 0, 6], "threes": [3, 3], "two4": [2, 4], "last2": [5, 6],
    "flat": [-1, 42], "small": [-(2**63)],
}  # fmt: skip
NUMBERS = {"low": -np.inf, "half": 0.5, "three_": 3.0, "two_": 2.0, "epsilon": 1e-5, "neg": -0.2, "high": 0.3}


def unary(op, attributes=""):
    return f"out = {op}{attributes}(s)"


CASES = {
    "states and all outputs": LSTM + "hs = Squeeze(h, i0)\ncs = Squeeze(c, i0)\nout = Add(hs, cs)",
    "rows of all steps in one": LSTM + "r = Reshape(y, rows)\nm = MatMul(r, dense)\nout = Add(bias, m)",
    "rows and back": LSTM
    + "r = Reshape(y, rows)\nm = Gemm<transB=1>(r, turned, bias)\nsh = Shape<end=2>(y)\nt = Concat<axis=0>(sh, im1)\nout = Reshape(m, t)",
    "gemm with factors": LSTM + "q = Squeeze(h, i0)\nout = Gemm<alpha=0.5,beta=2.0>(q, dense, bias)",
    "gemm without bias": LSTM + "q = Squeeze(h, i0)\nout = Gemm(q, dense)",
    "a bias that two products share": LSTM
    + "a = MatMul(s, dense)\nb = Add(a, bias)\nd = Tanh(a)\ne = Add(d, bias)\nout = Mul(b, e)",
    "weights of elements": LSTM + "a = Mul(s, scale)\nb = Add(a, shift)\nout = Mul(b, single)",
    "weights of steps": LSTM + "a = Mul(s, steps)\nout = Add(a, positions)",
    "weights on the left": LSTM + "a = Sub(scale, s)\nout = Div(shift, a)",
    "numbers": LSTM
    + "a = Mul(s, half)\nb = Add(three_, a)\nd = Sub(two_, b)\ne = Div(three_, d)\nf = Sub(e, half)\nout = Div(f, two_)",
    "powers": LSTM + "a = Pow(s, two_)\nb = Add(a, half)\nd = Pow(b, half)\ne = Pow(d, three_)\nf = Pow(two_, e)\nout = Neg(f)",
    "limits": LSTM + "a = Max(s, neg)\nb = Min(a, high)\nd = Clip(s, neg, high)\nout = Sub(b, d)",
    "several at once": LSTM + "m = MatMul(s, dense)\nt = Tanh(m)\nu = Sigmoid(m)\na = Sum(m, t, u)\nb = Mean(m, t, u)\nd = Max(m, t, u)\ne = Min(a, b, d)\nout = Concat<axis=2>(a, b, d, e)",
    "erf of gelu": LSTM + "a = Div(s, half)\nb = Erf(a)\nd = Add(b, two_)\ne = Mul(s, d)\nout = Mul(e, half)",
    "softmax over steps": LSTM + "out = Softmax<axis=1>(s)",
    "log softmax over units": LSTM + "m = MatMul(s, dense)\nout = LogSoftmax(m)",
    "softmax before the steps come first": LSTM + "m = MatMul(y, dense)\na = Softmax<axis=0>(m)\nout = Transpose<perm=[1,0,2]>(a)",
    "sum over steps": LSTM + "out = ReduceSum<keepdims=0>(s, i1)",
    "means over steps and units": LSTM + "out = ReduceMean<keepdims=1>(s, i12)",
    "largest over steps": LSTM + "a = ReduceMax<keepdims=0>(s, i1)\nb = ReduceMin<keepdims=0>(y, i0)\nout = Sub(a, b)",
    "length of rows": LSTM + "a = ReduceL2<keepdims=1>(s, im1)\nb = ReduceSumSquare<keepdims=1>(s, im1)\nd = Div(s, a)\nout = Sub(d, b)",
    "last step by slice": LSTM + "a = Slice(s, im1, big, i1)\nout = Squeeze(a, i1)",
    "some last steps": LSTM + "out = Slice(s, im3, im1, i1)",
    "every other step": LSTM + "out = Slice(y, i1, big, i0, i2)",
    "first step by gather": LSTM + "z = Constant<value_int=0>()\nout = Gather<axis=1>(s, z)",
    "two steps by gather": LSTM + "out = Gather<axis=1>(s, i12)",
    "halves of the units": LSTM + "a, b = Split<axis=2>(s, threes)\nd = Sigmoid(a)\nout = Mul(d, b)",
    "parts that are not equal": LSTM + "a, b = Split<axis=2>(s, two4)\nout = Concat<axis=2>(b, a)",
    "features beside inputs": LSTM + "out = Concat<axis=-1>(s, x)",
    "steps one after another": LSTM + "t = Tanh(s)\nout = Concat<axis=1>(s, t)",
    "steps reversed": "r = Slice(x, im1, small, i1, im1)\nxt = Transpose<perm=[1,0,2]>(r)\ny4, h = LSTM<hidden_size=6>(xt, W, R, B)\nout = Squeeze(y4, i1)\n",
    "state beside every step": LSTM
    + "a = Transpose<perm=[1,0,2]>(h)\nsh = Shape(s)\ne = Expand(a, sh)\nb = Concat<axis=2>(s, e)\nd = MatMul(b, dense12)\nout = Tanh(d)",
    "attention by a state": LSTM
    + "a = Transpose<perm=[1,0,2]>(h)\nb = Add(a, s)\nd = Tanh(b)\ne = MatMul(d, query)\nw = Softmax<axis=1>(e)\nf = Mul(w, s)\nout = ReduceSum<keepdims=0>(f, i1)",
    "attention by products": LSTM
    + "q = Transpose<perm=[1,0,2]>(h)\nk = Transpose<perm=[1,2,0]>(y)\na = MatMul(q, k)\nb = Mul(a, half)\nw = Softmax(b)\nd = MatMul(w, s)\nout = Squeeze(d, i1)",
    "attention with heads": LSTM
    + "a = Reshape(s, heads)\nb = Transpose<perm=[0,2,1,3]>(a)\nd = Transpose<perm=[0,2,3,1]>(a)\ne = MatMul(b, d)\nw = Softmax(e)\nf = MatMul(w, b)\ng = Transpose<perm=[0,2,1,3]>(f)\nout = Reshape(g, joined)",
    "attention that sees no later steps": LSTM
    + "k = Transpose<perm=[0,2,1]>(s)\na = MatMul(s, k)\nb = Where(earlier, a, low)\nw = Softmax(b)\nd = MatMul(w, s)\ne = Where(later, half, w)\nout = MatMul(e, d)",
    "a stack of matrices": LSTM + "out = MatMul(s, matrices)",
    "layer normalisation": LSTM + "out = LayerNormalization<epsilon=0.001>(s, scale, mean)",
    "layer normalisation by parts": LSTM
    + "m = ReduceMean(s, im1)\nd = Sub(s, m)\np = Pow(d, two_)\nv = ReduceMean(p, im1)\nve = Add(v, epsilon)\nr = Sqrt(ve)\nn = Div(d, r)\na = Mul(n, scale)\nout = Add(a, mean)",
    "batch normalisation": LSTM
    + "a = Transpose<perm=[0,2,1]>(s)\nva = BatchNormalization(a, scale, shift_, mean, var)\nout = Transpose<perm=[0,2,1]>(va)",
    "convolution": LSTM + "a = Transpose<perm=[0,2,1]>(s)\nout = Conv<pads=[1,1],strides=[2]>(a, kernel, bias)",
    "convolution, dilated and by channel": LSTM + "a = Transpose<perm=[1,2,0]>(y)\nout = Conv<dilations=[2],group=6>(a, depth)",
    "convolution with an axis of one": LSTM
    + "a = Transpose<perm=[0,2,1]>(s)\nb = Unsqueeze(a, i2)\nd = Conv<pads=[0,1,0,1],kernel_shape=[1,3]>(b, kernel2, bias)\nout = Squeeze(d, i2)",
    "pooling": LSTM
    + "a = Transpose<perm=[0,2,1]>(s)\nb = MaxPool<kernel_shape=[2],strides=[2]>(a)\nout = AveragePool<kernel_shape=[3],pads=[1,1]>(b)",
    "padding that counts": LSTM + "a = Transpose<perm=[0,2,1]>(s)\nout = AveragePool<kernel_shape=[3],pads=[1,1],count_include_pad=1>(a)",
    "global pooling": LSTM
    + "a = Transpose<perm=[0,2,1]>(s)\nb = GlobalAveragePool(a)\nd = GlobalMaxPool(a)\ne = Concat<axis=1>(b, d)\nout = Flatten(e)",
    "flattened steps": LSTM + "a = Reshape(s, flat)\nout = MatMul(a, wide)",
    "flattened by flatten": LSTM + "a = Flatten(s)\nout = MatMul(a, wide)",
    "dropout": LSTM + "a = Dropout(s, half)\nout = Identity(a)",
    "both directions in one": BOTH + "a = Transpose<perm=[0,2,1,3]>(y4)\nb = Reshape(a, three)\nd = MatMul(b, dense12)\nout = Add(d, bias)",
    "both directions added": BOTH + "out = ReduceSum<keepdims=0>(y4, i1)",
    "directions taken apart": BOTH
    + "f, g = Split<axis=1>(y4, ones)\na = Squeeze(f, i1)\nb = Squeeze(g, i1)\nd = Tanh(b)\nout = Concat<axis=2>(a, d)",
    "states of both directions": BOTH
    + "z = Constant<value_int=0>()\no = Constant<value_int=-1>()\na = Gather(h, z)\nb = Gather(h, o)\nout = Concat<axis=1>(a, b)",
    "states side by side by reshape": BOTH + "a = Transpose<perm=[1,0,2]>(h)\nb = Reshape(a, flat12)\nout = MatMul(b, dense12)",
    "a second layer over both": BOTH
    + "a = Transpose<perm=[0,2,1,3]>(y4)\nb = Reshape(a, three)\nz4 = GRU<hidden_size=6>(b, WG, RG, BG)\nout = Squeeze(z4, i1)",
    "a state that goes on": LSTM + "z4, zh = LSTM<hidden_size=6>(y, WD, RD, BD, , h, c)\nout = Squeeze(z4, i1)",
    "a state that is learned": "xt = Transpose<perm=[1,0,2]>(x)\nsh = Shape<start=1,end=2>(xt)\nt = Concat<axis=0>(i1, sh, i6)\ne = Expand(learned, t)\ny4, h = LSTM<hidden_size=6>(xt, W, R, B, , e, e)\nout = Squeeze(y4, i1)",
    "learned states of both directions": "xt = Transpose<perm=[1,0,2]>(x)\nsh = Shape<start=1,end=2>(xt)\nt = Concat<axis=0>(i2, sh, i6)\ne = Expand(learned2, t)\ny4, h = GRU<hidden_size=6,direction=\"bidirectional\">(xt, W2, R2, B2, , e)\na = Transpose<perm=[0,2,1,3]>(y4)\nout = Reshape(a, three)",
    "only one of two states": "xt = Transpose<perm=[1,0,2]>(x)\nq, p, r = LSTM<hidden_size=6>(xt, W, R, B)\ny4 = LSTM<hidden_size=6>(q0, WD, RD, BD, , , r)\nout = Squeeze(y4, i1)".replace("q0", "q_"),
    "tokens": "k = Cast<to=7>(ids)\ne = Gather(table, k)\nxt = Transpose<perm=[1,0,2]>(e)\ny4, h = LSTM<hidden_size=6>(xt, W, R, B)\nd = Squeeze(h, i0)\nout = Gemm(d, dense, bias)",
    "tokens, steps first": "kt = Transpose<perm=[1,0]>(ids)\ne = Gather(table, kt)\ny4, h = LSTM<hidden_size=6>(e, W, R, B)\nd = Squeeze(h, i0)\nout = Gemm(d, dense, bias)",
    "sequences of lengths": "xt = Transpose<perm=[1,0,2]>(x)\ny4, h = LSTM<hidden_size=6>(xt, W, R, B, lengths)\na = Squeeze(y4, i1)\nb = MatMul(a, dense)\nd = Squeeze(h, i0)\nf = MatMul(d, dense)\nout = Add(b, f)",
    "tiled": LSTM + "a = Transpose<perm=[1,0,2]>(h)\nb = Tile(a, t121)\nd = Tile(s, t112)\ne = MatMul(d, dense12)\nf = MatMul(b, dense)\nout = Concat<axis=1>(e, f)",
    "each step twice": LSTM + "a = Unsqueeze(s, i2)\nb = Tile(a, t1121)\nout = Reshape(b, threes6)",
    "padded steps": LSTM + "a = Pad(s, pads)\nout = Pad(a, cuts)",
    "padded by axes, channels first": LSTM + "a = Transpose<perm=[0,2,1]>(s)\nb = Pad(a, i12, , i2)\nout = Conv(b, kernel, bias)",
    "padded features": LSTM + "b = Pad(s, wider)\ne = ReduceMax<keepdims=1>(b, i1)\nf = ReduceMax<keepdims=1>(s, i1)\nout = Concat<axis=2>(e, f)",
    "prelu of one slope": LSTM + "out = PRelu(s, single)",
    "prelu by unit": LSTM + "a = Transpose<perm=[0,2,1]>(s)\nb = PRelu(a, slopes)\nout = Transpose<perm=[0,2,1]>(b)",
    "a known branch": LSTM
    + "sh = Shape(s)\nq = Size(sh)\nw = Constant<value_int=3>()\nk = Equal(q, w)\nout = If<then_branch = g () => (float[N,T,U] p) { a = Tanh(s) p = Mul(a, scale) }, else_branch = g2 () => (float[N,T,U] p) { p = Identity(s) }>(k)",
    "steps that are not 0": "k = Cast<to=7>(ids)\ne = Gather(table, k)\nxt = Transpose<perm=[1,0,2]>(e)\ny4, h = LSTM<hidden_size=6>(xt, W, R, B)\ny = Squeeze(y4, i1)\ns = Transpose<perm=[1,0,2]>(y)\nz = Constant<value_int=0>()\nq = Equal(k, z)\nn = Not(q)\nf = Cast<to=1>(n)\nu = Unsqueeze(f, i2)\nm = Mul(s, u)\na = ReduceSum<keepdims=0>(m, i1)\nb = ReduceSum<keepdims=0>(u, i1)\nd = Max(b, two_)\nout = Div(a, d)",
    "attention over steps that are not 0": "k = Cast<to=7>(ids)\ne = Gather(table, k)\nxt = Transpose<perm=[1,0,2]>(e)\ny4, h = LSTM<hidden_size=6>(xt, W, R, B)\ny = Squeeze(y4, i1)\ns = Transpose<perm=[1,0,2]>(y)\nz = Constant<value_int=0>()\nq = Equal(k, z)\nu = Unsqueeze(q, i2)\na = MatMul(s, query)\nb = Where(u, low, a)\nw = Softmax<axis=1>(b)\nm = Mul(w, s)\nout = ReduceSum<keepdims=0>(m, i1)",
    "whole numbers divided": "xt = Transpose<perm=[1,0,2]>(x)\ny4, h = LSTM<hidden_size=6>(xt, W, R, B)\nd = Squeeze(h, i0)\nt = Constant<value_float=200.0>()\nm = Mul(d, t)\nk = Cast<to=7>(m)\nc = Constant<value_int=7>()\nq = Div(k, c)\nf = Constant<value_int=61>()\nn = Mul(k, f)\nr = Div(n, f)\no = Constant<value_int=100>()\nb = Mul(k, k)\nl = Constant<value_int=1>()\ne = Add(b, l)\ng = Div(o, e)\na = Add(q, r)\nz = Add(a, g)\nout = Cast<to=1>(z)",
    "numbers without their fractions": "xt = Transpose<perm=[1,0,2]>(x)\ny4, h = LSTM<hidden_size=6>(xt, W, R, B)\nd = Squeeze(h, i0)\nt = Constant<value_float=10.0>()\nm = Mul(d, t)\nk = Cast<to=7>(m)\nout = Cast<to=1>(k)",
    "numbers without their fractions, like another": "xt = Transpose<perm=[1,0,2]>(x)\ny4, h = LSTM<hidden_size=6>(xt, W, R, B)\nd = Squeeze(h, i0)\nt = Constant<value_float=10.0>()\nm = Mul(d, t)\nz = Constant<value_int=0>()\nk = CastLike(m, z)\nout = CastLike(k, m)",
    "steps of lengths": "xt = Transpose<perm=[1,0,2]>(x)\ny4, h = LSTM<hidden_size=6>(xt, W, R, B)\ny = Squeeze(y4, i1)\ns = Transpose<perm=[1,0,2]>(y)\nsh = Shape<start=1,end=2>(s)\nt = Squeeze(sh)\nz = Constant<value_int=0>()\no = Constant<value_int=1>()\nr = Range(z, t, o)\nra = Unsqueeze(r, i0)\nl = Cast<to=7>(lengths)\nla = Unsqueeze(l, i1)\nk = Less(ra, la)\nka = Unsqueeze(k, i2)\nf = Cast<to=1>(ka)\nout = Mul(s, f)",
    "a loop that is an LSTM": f"sh = Shape<start=0,end=1>(x)\nt = Concat<axis=0>(sh, i6)\nz = ConstantOfShape(t)\nhn, cn, s = Scan<num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[1], body = b (float[N,6] hp, float[N,6] cp, float[N,5] xs) => (float[N,6] ho, float[N,6] co, float[N,6] o) {{ {LSTM_STEP} ho = Identity(hh) o = Identity(hh) }}>(z, z, x)\nout = MatMul(s, dense)",
    "a loop that is a GRU, steps first, backwards": f"xt = Transpose<perm=[1,0,2]>(x)\nsh = Shape<start=1,end=2>(xt)\nt = Concat<axis=0>(sh, i6)\nz = ConstantOfShape(t)\nhn, y = Scan<num_scan_inputs=1, scan_input_directions=[1], scan_output_directions=[1], body = b (float[N,6] hp, float[N,5] xs) => (float[N,6] ho, float[N,6] o) {{ {GRU_STEP} ho = Identity(hh) o = Identity(hh) }}>(z, xt)\na = MatMul(hn, dense)\nb = Unsqueeze(a, i0)\nd = MatMul(y, dense)\nout = Add(d, b)",
    "a function": "s, h = mine.Encoder(x, W, R, B)\nq = Transpose<perm=[1,0,2]>(h)\nout = Add(s, q)",
    "a function with an input left out": 's, h = mine.Encoder<way="reverse">(x, W, R)\nout = MatMul(s, dense)',
    "a function of functions, called twice": 'a = mine.Stack<last="reverse">(x, W, R, B, WD, RD)\n'
    + 'b = mine.Stack<last="forward">(x, W, R, B, WD, RD)\nd = Tanh(b)\nout = Add(a, d)',
    "a function with a branch": "out = mine.Either(x, W, R, B)",
    "pads that are numbers turned round": LSTM
    + "q = Reshape(pairs, by2)\nv = Slice(q, im1, small, i0, im1)\nw = Transpose<perm=[1,0]>(v)\np = Reshape(w, im1)\nout = Pad(s, p)",
    "deviation of a sample of steps": LSTM + DEVIATION.replace("AXES", "i1"),
    "deviation of a sample of steps and features": LSTM + DEVIATION.replace("AXES", "i12"),
    "a mask of no later steps that is computed": LSTM
    + "l = Constant<value_float=1.0>()\ne = Expand(l, sevens)\nt = Trilu<upper=0>(e)\nk = Cast<to=9>(t)\na = Transpose<perm=[0,2,1]>(s)\nb = MatMul(s, a)\nm = Where(k, b, low)\np = Softmax(m)\nout = MatMul(p, s)",
    "what is above a diagonal": LSTM + "t = Trilu(grid, diagonal)\nout = Mul(s, t)",
    "signs and halves": LSTM
    + "n = Constant<value_floats=[-2.5,0.0,0.5,1.5,-0.5,3.0]>()\nr = Round(n)\ng = Sign(n)\na = Mul(s, r)\nout = Add(a, g)",
    "reciprocal": LSTM + "a = Add(s, two_)\nout = Reciprocal(a)",
    **{
        f"activation {op}{attributes}": LSTM + unary(op, attributes)
        for op, attributes in [
            ("Relu", ""), ("Sigmoid", ""), ("Tanh", ""), ("HardSigmoid", ""), ("HardSigmoid", "<alpha=0.3,beta=0.4>"), ("Softplus", ""),
            ("Softsign", ""), ("Elu", "<alpha=0.7>"), ("Selu", ""), ("Celu", "<alpha=0.6>"), ("LeakyRelu", "<alpha=0.2>"),
            ("ThresholdedRelu", "<alpha=0.1>"), ("HardSwish", ""), ("Mish", ""), ("Gelu", ""), ("Shrink", "<lambd=0.1,bias=0.05>"),
            ("Exp", ""), ("Abs", ""), ("Neg", ""), ("Sin", ""), ("Cos", ""), ("Erf", ""),
        ]
    },
}  # fmt: skip
CASES["only one of two states"] = CASES["only one of two states"].replace("y4 = LSTM", "q_ = Squeeze(q, i1)\ny4 = LSTM")
FIXED_ONLY = {"what is above a diagonal", "a mask of no later steps that is computed", "attention that sees no later steps", "flattened steps", "flattened by flatten", "weights of steps"}
BATCH_AXIS = {
    "rows of all steps in one": None, "rows and back": 1, "every other step": 1, "steps reversed": 1, "both directions in one": 1,
    "both directions added": 1, "directions taken apart": 1, "a second layer over both": 1, "a state that goes on": 1,
    "a state that is learned": 1, "learned states of both directions": 1, "only one of two states": 1, "sequences of lengths": 1, "a loop that is a GRU, steps first, backwards": 1,
}  # fmt: skip
INTEGERS |= {"ones": [1, 1], "flat12": [-1, 12], "i6": [6]}
INTEGERS |= {
    "t121": [1, 2, 1], "t112": [1, 1, 2], "t1121": [1, 1, 2, 1], "threes6": [0, -1, 6], "pads": [0, 2, 0, 0, 1, 0], "cuts": [0, -1, 0, 0, 0, 0],
    "pairs": [0, 1, 1, 2, 0, 0], "by2": [-1, 2], "sevens": [7, 7], "wider": [0, 0, 1, 0, 0, 2], "sixes": [6, 6, 6, 6],
}  # fmt: skip
WEIGHTS |= {
    "slopes": (6, 1), "cell": (24, 11), "cellbias": (24,), "kz": (5, 6), "kr": (5, 6), "kn": (5, 6), "rz": (6, 6), "rr": (6, 6), "rn": (6, 6),
}  # fmt: skip
WEIGHTS |= {"shift_": (6,), "var": (6,), "grid": (7, 6), "RG": (1, 18, 6), "BG": (1, 36)}


def inputs_of(body, fixed):
    n, t = (BATCH, STEPS) if fixed else ("N", "T")
    given = {}
    if "ids" in body:
        given["ids"] = (TensorProto.INT64, [n, t])
    else:
        given["x"] = (TensorProto.FLOAT, [n, t, INPUTS])
    if "lengths" in body:
        given["lengths"] = (TensorProto.INT32, [n])
    return given


def initializers(body, rng):
    words = set(body.replace("(", " ").replace(")", " ").replace(",", " ").split())
    for name, shape in WEIGHTS.items():
        if name in words:
            values = rng.uniform(-0.6, 0.6, shape)
            if name in ("var", "variance"):
                values = np.abs(values) + 0.5
            yield numpy_helper.from_array(values.astype(np.float32), name)
    for name, values in INTEGERS.items():
        if name in words:
            yield numpy_helper.from_array(np.array(values, np.int64), name)
    if "diagonal" in words:
        yield numpy_helper.from_array(np.array(2, np.int64), "diagonal")
    if "earlier" in words:
        yield numpy_helper.from_array(np.tril(np.ones((STEPS, STEPS), bool)), "earlier")
        yield numpy_helper.from_array(np.triu(np.ones((STEPS, STEPS), bool), 1), "later")
    for name, value in NUMBERS.items():
        if name in words:
            yield numpy_helper.from_array(np.array(value, np.float32), name)


def model_of(body, fixed, rng):
    nodes = [parser.parse_node(line) for line in body.strip().splitlines()]
    given = [helper.make_tensor_value_info(name, *kind) for name, kind in inputs_of(body, fixed).items()]
    out = [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "g", given, out, list(initializers(body, rng)))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    if f"{DOMAIN}." in body:
        add_functions(model)
    return model


def main():
    folder = sys.argv[1]
    cases = []
    for number, (name, body) in enumerate(CASES.items()):
        for fixed in (False, True):
            if name in FIXED_ONLY and not fixed:
                continue
            rng = np.random.default_rng(number)
            model = model_of(body, fixed, rng)
            file = f"{name.replace('<', ' ').replace('>', '')}.{'fixed' if fixed else 'free'}.onnx"
            save(model, os.path.join(folder, file))
            feed = {}
            for one, (kind, _) in inputs_of(body, fixed).items():
                if one == "ids":
                    feed[one] = rng.integers(0, 5 if "Equal" in body else 11, (BATCH, STEPS))
                elif one == "lengths":
                    feed[one] = np.array([7, 2, 5], np.int32)
                else:
                    feed[one] = rng.standard_normal((BATCH, STEPS, INPUTS)).astype(np.float32)
            session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
            [out] = session.run(["out"], feed)
            axis = BATCH_AXIS.get(name, 0)
            if axis is None:
                out = np.moveaxis(out.reshape(STEPS, BATCH, -1), 1, 0)
            else:
                out = np.moveaxis(out, axis, 0)
            arrays = {key: packed(value.astype(np.int32) if value.dtype == np.int64 else value) for key, value in feed.items()}
            cases.append({"file": file, "inputs": arrays, "outputs": [packed(out)]})
    print(json.dumps(cases))


if __name__ == "__main__":
    main()
