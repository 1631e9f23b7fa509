"""Golden data for Logs/TensorBoardLogTests: an event file of TensorBoard, written with Google's protobuf library.

The messages are those of tensorboard/compat/proto: event.proto, summary.proto, tensor.proto and tensor_shape.proto, reduced to the fields that are used. The
frames are those of tensorboard/compat/tensorflow_stub/pywrap_tensorflow.py. Run with python3 and python3-protobuf:

    python3 tests/Reference/events.py > tests/data/logs/events.hex
    python3 tests/Reference/events.py FILE      # prints the events of a file

The clock of the test stands at 1,700,000,000.25 s.
"""
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DOUBLE, FLOAT, INT64, STRING, MESSAGE, BYTES = 1, 2, 3, 9, 11, 12
file = descriptor_pb2.FileDescriptorProto(name="events.proto", package="t", syntax="proto3")


# Fields of which one is set. Such a field is written even if it is 0.
ALTERNATIVES = {"simple_value", "tensor", "file_version", "summary", "session_log"}


def message(name, *fields):
    description = file.message_type.add(name=name)
    if any(field in ALTERNATIVES for _, field, _, _ in fields):
        description.oneof_decl.add(name="alternatives")
    for number, field, kind, repeated in fields:
        entry = description.field.add(number=number, name=field, label=3 if repeated else 1)
        if field in ALTERNATIVES:
            entry.oneof_index = 0
        if isinstance(kind, str):
            entry.type, entry.type_name = MESSAGE, f".t.{kind}"
        else:
            entry.type = kind


message("Dim", (1, "size", INT64, False))
message("Shape", (2, "dim", "Dim", True))
message("Tensor", (1, "dtype", INT64, False), (2, "shape", "Shape", False), (8, "string_val", BYTES, True))
message("PluginData", (1, "plugin_name", STRING, False))
message("Metadata", (1, "plugin_data", "PluginData", False))
message("Value", (1, "tag", STRING, False), (2, "simple_value", FLOAT, False), (8, "tensor", "Tensor", False), (9, "metadata", "Metadata", False))
message("Summary", (1, "value", "Value", True))
message("SessionLog", (1, "status", INT64, False))
message("Event", (1, "wall_time", DOUBLE, False), (2, "step", INT64, False), (3, "file_version", STRING, False), (5, "summary", "Summary", False), (7, "session_log", "SessionLog", False))
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
factory = message_factory.MessageFactory(pool)
Event = factory.GetPrototype(pool.FindMessageTypeByName("t.Event"))


def masked_checksum(data):
    checksum = 0xFFFFFFFF
    for byte in data:
        checksum ^= byte
        for _ in range(8):
            checksum = checksum >> 1 ^ (0x82F63B78 if checksum & 1 else 0)
    checksum ^= 0xFFFFFFFF
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(event):
    data = event.SerializeToString(deterministic=True)
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_checksum(length)) + data + struct.pack("<I", masked_checksum(data))


def event(step=0, **fields):
    return Event(wall_time=1_700_000_000.25, step=step, **fields)


def scalars(step, **values):
    return event(step, summary=dict(value=[dict(tag=tag.replace("__", "/"), simple_value=value) for tag, value in values.items()]))


def golden():
    text = "Ahoy, “matey”!\n" + "x" * 300
    yield event(file_version="brain.Event:2")
    yield event(8, session_log=dict(status=1))
    yield scalars(8, train__loss=1.5, train__gradient_norm=0.25, train__learning_rate=2e-4, train__tokens_per_second=1234.5)
    yield scalars(300, train__loss=0.1, train__gradient_norm=float("inf"), train__learning_rate=0, train__tokens_per_second=1234.5, validation__loss=2.75)
    yield event(300, summary=dict(value=[dict(
        tag="generation/Who are you?", tensor=dict(dtype=7, shape=dict(dim=[dict(size=1)]), string_val=[text.encode()]), metadata=dict(plugin_data=dict(plugin_name="text")))]))


def read(path):
    data = open(path, "rb").read()
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        assert struct.unpack("<I", data[8:12]) == (masked_checksum(data[:8]),)
        body = data[12:12 + length]
        assert struct.unpack("<I", data[12 + length:16 + length]) == (masked_checksum(body),)
        yield Event.FromString(body)
        data = data[16 + length:]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for item in read(sys.argv[1]):
            print(item)
    else:
        print("\n".join(record(item).hex() for item in golden()))
