"""Functions of a model's own, for the cases of onnxOperators.py that call them."""

from onnx import helper, parser

DOMAIN = "mine"
TEXTS = [
    # [B,T,I] to [B,T,H] and [1,B,H]; the bias may be left out, and so may what the call says of the layer.
    """
    Encoder <hidden: int = 6, way: string = "forward"> (x, w, r, b) => (s, h)
    {
        turned = Transpose <perm = [1, 0, 2]> (x)
        y4, h = LSTM <hidden_size: int = @hidden, direction: string = @way> (turned, w, r, b)
        axis = Constant <value_ints = [1]> ()
        y = Squeeze (y4, axis)
        s = Transpose <perm = [1, 0, 2]> (y)
    }
    """,
    # A function that calls another one twice, once by the attribute of its own call; weights of its own are those of every call.
    """
    Stack <last> (x, w, r, b, w2, r2) => (s)
    {
        s1, h = mine.Encoder (x, w, r, b)
        s2, h2 = mine.Encoder <way: string = @last> (s1, w2, r2)
        factors = Constant <value = float[6] {0.5, -0.5, 2, 1, -1, 0.25}> ()
        s = Mul (s2, factors)
    }
    """,
    # Names of the function in the body of a node.
    """
    Either (x, w, r, b) => (s)
    {
        yes = Constant <value = bool {1}> ()
        s = If (yes) <
            then_branch = kept () => (t) { t, h = mine.Encoder (x, w, r, b) },
            else_branch = zeros () => (e) { z, h = mine.Encoder (x, w, r, b) e = Sub (z, z) }
        >
    }
    """,
]


def functions():
    head = f'<opset_import: ["": 22, "{DOMAIN}": 1], domain: "{DOMAIN}">'
    return [parser.parse_function(head + text) for text in TEXTS]


def add_functions(model):
    model.functions.extend(functions())
    model.opset_import.append(helper.make_opsetid(DOMAIN, 1))
