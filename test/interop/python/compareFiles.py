"""What differs between two HDF5 files beside the weights that were meant to change."""

import io
import zipfile
import zlib

import h5py
import numpy as np


def differing_attributes(a, b, where, compressed):
    """Attributes of two objects: names, types (fixed or variable strings, byte order), shapes and values."""
    problems = []
    if set(a.attrs) != set(b.attrs):
        problems.append(f"{where}: attributes {sorted(set(a.attrs) ^ set(b.attrs))} on one side only")
    for name in set(a.attrs) & set(b.attrs):
        ida, idb = (h5py.h5a.open(x.id, name.encode()) for x in (a, b))
        if not same_type(ida.get_type(), idb.get_type(), compressed):
            problems.append(f"{where}@{name}: type {kind(ida.get_type())} became {kind(idb.get_type())}")
        if ida.shape != idb.shape or ida.get_space().get_simple_extent_type() != idb.get_space().get_simple_extent_type():
            problems.append(f"{where}@{name}: shape {ida.shape} became {idb.shape}")
        elif not same_values(a.attrs[name], b.attrs[name]):
            problems.append(f"{where}@{name}: value changed")
    return problems


def same_type(a, b, compressed):
    """Exactly; of strings in a file that was rebuilt the padding may differ, which readers take off and h5py never shows."""
    if compressed and isinstance(a, h5py.h5t.TypeStringID) and isinstance(b, h5py.h5t.TypeStringID):
        return all(t(a) == t(b) for t in (lambda s: s.is_variable_str(), lambda s: s.get_size(), lambda s: s.get_cset()))
    return a == b


def kind(type_id):
    if isinstance(type_id, h5py.h5t.TypeStringID):
        length = "variable" if type_id.is_variable_str() else type_id.get_size()
        return f"string({length}, cset {type_id.get_cset()}, pad {type_id.get_strpad()})"
    return str(type_id.dtype)


def same_values(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype.kind == "O":
        return a.tolist() == b.tolist()
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def compare(a, b, weights, compressed):
    """Problems found between two open files; values below the group `weights` are left to others where they may change."""
    problems = differing_attributes(a, b, "/", compressed)
    names_a, names_b = [], []
    a.visit(names_a.append)
    b.visit(names_b.append)
    if set(names_a) != set(names_b):
        return [*problems, f"objects {sorted(set(names_a) ^ set(names_b))[:5]} on one side only"]
    for name in names_a:
        x, y = a[name], b[name]
        problems += differing_attributes(x, y, name, compressed)
        if isinstance(x, h5py.Group) != isinstance(y, h5py.Group):
            problems.append(f"{name}: a group on one side only")
        elif isinstance(x, h5py.Dataset):
            if not same_type(x.id.get_type(), y.id.get_type(), compressed) or x.shape != y.shape:
                problems.append(f"{name}: {kind(x.id.get_type())} {x.shape} became {kind(y.id.get_type())} {y.shape}")
            elif name not in weights and not same_values(x[()], y[()]):
                problems.append(f"{name}: values changed")
            if not compressed and (x.chunks, x.compression, x.maxshape) != (y.chunks, y.compression, y.maxshape):
                problems.append(f"{name}: stored in another way")
    return problems


def foreign_bytes(original, result, file, names):
    """Bytes that differ outside the raw data of the named datasets, which are stored in one piece each."""
    if len(original) != len(result):
        return [f"{len(original)} bytes became {len(result)}"]
    differs = np.frombuffer(original, np.uint8) != np.frombuffer(result, np.uint8)
    for name in names:
        offset = file[name].id.get_offset()
        if offset is not None:
            differs[offset : offset + file[name].id.get_storage_size()] = False
    return [f"{differs.sum()} foreign bytes changed, the first at {differs.argmax()}"] if differs.any() else []


def weights_bytes(path):
    """The HDF5 file itself: all of a .h5, one entry of a .keras."""
    if not path.endswith(".keras"):
        with open(path, "rb") as file:
            return file.read()
    with zipfile.ZipFile(path) as archive:
        return archive.read("model.weights.h5")


def compare_archives(original, result):
    """Entries of two zips: the same names in the same order, all STORED, and the same bytes but for the weights."""
    problems = []
    with zipfile.ZipFile(original) as a, zipfile.ZipFile(result) as b:
        if a.namelist() != b.namelist():
            return [f"entries {a.namelist()} became {b.namelist()}"]
        for x, y in zip(a.infolist(), b.infolist(), strict=True):
            if y.compress_type != zipfile.ZIP_STORED:
                problems.append(f"{y.filename} is not STORED")
            if x.date_time != y.date_time:
                problems.append(f"{y.filename}: date {x.date_time} became {y.date_time}")
            if x.filename != "model.weights.h5" and a.read(x) != b.read(y):
                problems.append(f"{y.filename}: bytes changed")
        if b.testzip() is not None:
            problems.append(f"{b.testzip()}: wrong checksum")
    return problems


def prunable_datasets(file, recurrent):
    """Names of the datasets that hold a recurrent layer's matrix, told by their values: the arrays of `recurrent`."""
    wanted = {array.tobytes() for array in recurrent}
    names = []
    file.visititems(lambda name, item: names.append(name) if is_wanted(item, wanted) else None)
    # Optimizer state has the same shapes, and might even hold the same values.
    return [name for name in names if not name.startswith("optimizer")]


def is_wanted(item, wanted):
    return isinstance(item, h5py.Dataset) and item[()].tobytes() in wanted


def pays(dataset):
    """Whether gzip saves clearly more than the 4 kB that the index of a chunked dataset takes."""
    packed = len(zlib.compress(dataset[()].tobytes(), 6))
    return packed + 4096 < 0.98 * dataset.nbytes


def files_differ(original, result, recurrent, compressed):
    """All that changed beside the recurrent matrices; and of a compressed file, whether they are compressed."""
    before, after = weights_bytes(original), weights_bytes(result)
    problems = compare_archives(original, result) if original.endswith(".keras") else []
    with h5py.File(io.BytesIO(before)) as a, h5py.File(io.BytesIO(after)) as b:
        names = prunable_datasets(a, recurrent)
        if not names:
            return ["the recurrent matrices were not found in the file"]
        problems += compare(a, b, set(names), compressed)
        if not compressed:
            return problems + foreign_bytes(before, after, a, names)
        plain = [n for n in names if b[n].compression != "gzip" and pays(b[n])]
        return problems + [f"{name}: not compressed by gzip" for name in plain]
