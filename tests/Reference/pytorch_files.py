"""Writes files as torch.save writes them, with Python's own pickler, and the numbers that they contain. Needs neither PyTorch nor code of this repository.

Usage: pytorch_files.py TESTS_DATA_FOLDER     (its sub-folder pytorch is the output)

The two containers are those of torch/serialization.py (_save and _legacy_save), and the pickled calls are those of torch/_tensor.py (__reduce_ex__).
The script writes a small file of each kind, and the model of forms/huggingface and the adapter of adapters/plain in PyTorch's format.
"""
import collections
import io
import json
import os
import pickle
import struct
import sys
import types
import zipfile

LEGACY_MAGIC, LEGACY_VERSION = 0x1950A86A20F9469CFC6C, 1001
SIZES = {"FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2, "DoubleStorage": 8, "LongStorage": 8, "UntypedStorage": 1}
FORMATS = {"FloatStorage": "f", "HalfStorage": "e", "DoubleStorage": "d", "LongStorage": "q"}


def module(name, **members):
    made = types.ModuleType(name)
    sys.modules[name] = made
    for key, member in members.items():
        member.__module__, member.__qualname__, member.__name__ = name, key, key
        setattr(made, key, member)
    return made


def function():
    def called(*arguments):
        raise NotImplementedError
    return called


torch = module("torch", **{name: type(name, (), {}) for name in SIZES if name != "UntypedStorage"})
torch_storage = module("torch.storage", UntypedStorage=type("UntypedStorage", (), {}))
utils = module("torch._utils", **{name: function() for name in (
    "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter", "_rebuild_parameter_with_state")})
tensor_module = module("torch._tensor", _rebuild_from_type_v2=function())
torch.Tensor = type("Tensor", (), {"__module__": "torch"})


class DataType:
    """A dtype, which is pickled as the global torch.NAME."""
    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        return self.name


for dtype in ("float32", "bfloat16"):
    setattr(torch, dtype, DataType(dtype))
    getattr(torch, dtype).__module__ = "torch"


class Storage:
    def __init__(self, kind, data):
        self.kind, self.data, self.count = kind, data, len(data) // SIZES[kind]

    def type(self):
        return getattr(torch_storage if self.kind == "UntypedStorage" else torch, self.kind)


class Tensor:
    """A view of a storage; the test chooses how it is pickled."""
    def __init__(self, storage, shape, strides=None, offset=0, call="_rebuild_tensor_v2", dtype=None):
        if strides is None:
            strides = [1] * len(shape)
            for i in range(len(shape) - 2, -1, -1):
                strides[i] = strides[i + 1] * shape[i + 1]
        self.storage, self.shape, self.strides, self.offset, self.call, self.dtype = storage, tuple(shape), tuple(strides), offset, call, dtype

    def __reduce_ex__(self, protocol):
        hooks = collections.OrderedDict()
        view = (self.storage, self.offset, self.shape, self.strides)
        if self.call == "_rebuild_tensor":
            return utils._rebuild_tensor, view
        if self.call == "_rebuild_tensor_v3":
            return utils._rebuild_tensor_v3, view + (False, hooks, self.dtype, {})
        if self.call == "_rebuild_parameter":
            return utils._rebuild_parameter, (Tensor(*view_of(self)), True, hooks)
        if self.call == "_rebuild_parameter_with_state":
            return utils._rebuild_parameter_with_state, (Tensor(*view_of(self)), True, hooks, {"tag": 1})
        if self.call == "_rebuild_from_type_v2":
            return tensor_module._rebuild_from_type_v2, (utils._rebuild_tensor_v2, torch.Tensor, view + (False, hooks), {"tag": 1})
        return utils._rebuild_tensor_v2, view + (False, hooks)


def view_of(tensor):
    return tensor.storage, tensor.shape, tensor.strides, tensor.offset


def pickler(stream, protocol, keys, is_legacy):
    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if not isinstance(value, Storage):
                return None
            key = keys.setdefault(value, str(len(keys)))
            return ("storage", value.type(), key, "cpu", value.count) + ((None,) if is_legacy else ())
    return Pickler(stream, protocol)


def archive(value, protocol=2):
    keys, stream, result = {}, io.BytesIO(), io.BytesIO()
    pickler(stream, protocol, keys, False).dump(value)
    with zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as file:
        entries = [("data.pkl", stream.getvalue()), ("byteorder", b"little")] + [("data/" + key, storage.data) for storage, key in keys.items()] + [("version", b"3\n")]
        for name, data in entries:
            file.writestr(zipfile.ZipInfo("archive/" + name, (1980, 1, 1, 0, 0, 0)), data)
    return result.getvalue()


def stacked(value, protocol=2, is_little_endian=True):
    keys, result = {}, io.BytesIO()
    for part in (LEGACY_MAGIC, LEGACY_VERSION, dict(protocol_version=LEGACY_VERSION, little_endian=is_little_endian, type_sizes=dict(short=2, int=4, long=4))):
        pickle.dump(part, result, protocol)
    pickler(result, protocol, keys, True).dump(value)
    storages = {key: storage for storage, key in keys.items()}
    pickle.dump(sorted(storages), result, protocol)
    for key in sorted(storages):
        result.write(struct.pack("<q", storages[key].count) + storages[key].data)
    return result.getvalue()


def storage(kind, numbers):
    if kind == "BFloat16Storage":
        return Storage(kind, b"".join(struct.pack("<f", number)[2:] for number in numbers))
    return Storage(kind, struct.pack("<%d%s" % (len(numbers), FORMATS[kind]), *numbers))


def small():
    """Two tensors in each file: a, 2 × 3, and b, a vector of 4. All numbers are exact in every type."""
    first, second = [1.0, -2.0, 3.0, 4.5, 5.0, -6.0], [0.5, 0.25, -1.0, 8.0]

    def state(kind="FloatStorage", call="_rebuild_tensor_v2", dtype=None):
        a, b = storage(kind, first), storage(kind, second)
        return collections.OrderedDict(a=Tensor(a, (2, 3), call=call, dtype=dtype), b=Tensor(b, (4,), call=call, dtype=dtype))

    def with_metadata():
        made = state()
        made._metadata = collections.OrderedDict([("", dict(version=1)), ("layer", dict(version=1))])
        return made

    transposed = [first[row * 3 + column] for column in range(3) for row in range(2)]
    wide = [value for row in range(2) for value in [9.0] + first[row * 3:row * 3 + 3] + [9.0]]
    spaced = [value for number in first for value in (number, 9.0)]
    fortran_slice = [value for column in range(3) for value in (first[column], first[3 + column], 9.0)]
    shared = storage("FloatStorage", first + second)
    b = lambda: Tensor(storage("FloatStorage", second), (4,))
    raw = lambda numbers: Storage("UntypedStorage", struct.pack("<%df" % len(numbers), *numbers))
    for protocol in (2, 3, 4, 5):
        yield "protocol-%d" % protocol, archive(dict(state()), protocol)
    for kind in ("HalfStorage", "BFloat16Storage", "DoubleStorage"):
        yield kind, archive(dict(state(kind)))
    for call in ("_rebuild_tensor", "_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_from_type_v2"):
        yield call, archive(dict(state(call=call)))
    yield "_rebuild_tensor_v3", archive(dict(
        a=Tensor(raw(first), (2, 3), call="_rebuild_tensor_v3", dtype=torch.float32), b=Tensor(raw(second), (4,), call="_rebuild_tensor_v3", dtype=torch.float32)))
    yield "metadata", archive(with_metadata())
    yield "metadata-protocol-4", archive(with_metadata(), 4)
    yield "transposed", archive(dict(a=Tensor(storage("FloatStorage", transposed), (2, 3), (1, 2)), b=b()))
    yield "columns", archive(dict(a=Tensor(storage("FloatStorage", wide), (2, 3), (5, 1), 1), b=b()))
    yield "every-second", archive(dict(a=Tensor(storage("FloatStorage", spaced), (2, 3), (6, 2)), b=Tensor(storage("FloatStorage", [v for n in second for v in (n, 9.0, 9.0)]), (4,), (3,))))
    yield "rows-of-transposed", archive(dict(a=Tensor(storage("FloatStorage", fortran_slice), (2, 3), (1, 3)), b=b()))
    yield "shared", archive(dict(a=Tensor(shared, (2, 3)), b=Tensor(shared, (4,), offset=6)))
    yield "nested", archive(dict(epoch=3, state_dict=state(), optimizer=dict(state={0: dict(step=7), 1: dict(step=7)}, param_groups=[dict(lr=1e-3, betas=(0.9, 0.95))])))
    yield "nested-twice", archive(dict(model=dict(module=state()), version="1.0", done=True, best=None))
    yield "stacked", stacked(with_metadata())
    yield "stacked-shared", stacked(dict(a=Tensor(shared, (2, 3)), b=Tensor(shared, (4,), offset=6)))
    yield "stacked-half", stacked(dict(state("HalfStorage")))
    yield "stacked-parameter", stacked(dict(state(call="_rebuild_parameter")))


def safetensors(path):
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
        data = file.read()
    kinds = dict(F32="FloatStorage", F16="HalfStorage", BF16="BFloat16Storage")
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            yield name, Tensor(Storage(kinds[entry["dtype"]], data[begin:end]), entry["shape"])


def save(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def main(folder):
    output = os.path.join(folder, "pytorch")
    for name, data in small():
        save(os.path.join(output, "small", name + ".bin"), data)

    save(os.path.join(output, "refused", "big-endian.bin"), stacked(dict(a=Tensor(storage("FloatStorage", [1.0]), (1,))), is_little_endian=False))
    save(os.path.join(output, "refused", "integers.bin"), archive(dict(a=Tensor(storage("LongStorage", [1, 2]), (2,)))))
    save(os.path.join(output, "refused", "expanded.bin"), archive(dict(a=Tensor(storage("FloatStorage", [1.0]), (1000, 1000), (0, 0)))))
    amplified = storage("FloatStorage", [1.0] * 64)
    save(os.path.join(output, "refused", "shared-by-many.bin"), archive({"t%d" % i: Tensor(amplified, (64,)) for i in range(200)}))

    # Each of two files has half of the tensors. Old versions of transformers also stored the rotary frequencies.
    weights = dict(safetensors(os.path.join(folder, "forms", "huggingface", "model.safetensors")))
    for layer in range(2):
        weights["model.layers.%d.self_attn.rotary_emb.inv_freq" % layer] = Tensor(storage("FloatStorage", [10000.0 ** (-i / 4) for i in range(4)]), (4,))
    names, index = sorted(weights), {}
    for part, chosen in enumerate((names[:len(names) // 2], names[len(names) // 2:])):
        file_name = "pytorch_model-%05d-of-00002.bin" % (part + 1)
        index.update({name: file_name for name in chosen})
        save(os.path.join(output, "sharded", file_name), archive(collections.OrderedDict((name, weights[name]) for name in chosen)))
    save(os.path.join(output, "sharded", "pytorch_model.bin.index.json"), (json.dumps(dict(metadata=dict(total_size=0), weight_map=index), indent=2) + "\n").encode())

    adapter = dict(safetensors(os.path.join(folder, "adapters", "plain", "adapter_model.safetensors")))
    save(os.path.join(output, "adapter_model.bin"), archive(adapter))


if __name__ == "__main__":
    main(sys.argv[1])
