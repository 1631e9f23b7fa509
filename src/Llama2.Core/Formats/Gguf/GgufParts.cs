using System.Globalization;
using Llama2.Architectures;
using static System.FormattableString;

namespace Llama2.Formats.Gguf;

/// <summary>
/// Opens a model that llama.cpp's gguf-split has split into files with names such as <c>name-00001-of-00003.gguf</c>. The caller may name any of
/// these parts; all of them are opened. The first part contains the metadata; every part has a table of its own tensors.
/// </summary>
internal static class GgufParts
{
    private const int MaxCount = 1024;

    /// <summary>Opens a GGUF file and, if it is one of several parts, the other parts.</summary>
    /// <exception cref="ModelFormatException">A part is malformed or missing, or the parts do not belong together.</exception>
    /// <exception cref="IOException">A file cannot be opened.</exception>
    public static IModelFile Open(string path, bool memoryMapped = false)
    {
        var file = GgufFile.Open(path, memoryMapped);
        List<GgufFile> opened = [file];
        try
        {
            var metadata = new MetadataReader(file);
            int count = metadata.FindInt32(SplitKeys.Count, 0, MaxCount) ?? 0;
            return count <= 1 ? file : OpenAll(file, metadata, count, memoryMapped, opened);
        }
        catch
        {
            opened.ForEach(part => part.Dispose());
            throw;
        }
    }

    private static ComposedModelFile OpenAll(GgufFile named, MetadataReader metadata, int count, bool memoryMapped, List<GgufFile> opened)
    {
        int number = metadata.GetInt32(SplitKeys.Number, 0, count - 1);
        string suffix = Suffix(number, count);
        if (!named.Path.EndsWith(suffix, StringComparison.Ordinal))
        {
            throw metadata.Fault(
                SplitKeys.Number, Invariant($"{number}"), $"this is one of {count} parts, whose name must end in '{suffix}' so that the others are found; rename the parts, or merge them with llama-gguf-split --merge");
        }

        string prefix = named.Path[..^suffix.Length];
        var parts = new GgufFile[count];
        for (int i = 0; i < count; i++)
        {
            parts[i] = i == number ? named : OpenPart(prefix + Suffix(i, count), i, count, memoryMapped);
            if (i != number)
                opened.Add(parts[i]);
        }

        return Compose(named.Path, parts);
    }

    private static GgufFile OpenPart(string path, int number, int count, bool memoryMapped)
    {
        if (!File.Exists(path))
            throw new ModelFormatException(path, null, Invariant($"part {number + 1} of {count}"), "absent", "a model needs all of its parts, in one folder");

        var part = GgufFile.Open(path, memoryMapped);
        try
        {
            var metadata = new MetadataReader(part);
            foreach ((string key, int expected) in new[] { (SplitKeys.Number, number), (SplitKeys.Count, count) })
            {
                if (metadata.GetInt32(key, 0, MaxCount) is var value && value != expected)
                    throw metadata.Fault(key, Invariant($"{value}"), Invariant($"according to the file's name it must be {expected}: the parts are of different models, or were renamed"));
            }

            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    private static ComposedModelFile Compose(string path, GgufFile[] parts)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        List<ITensorSource> tensors = [];
        foreach (GgufFile part in parts)
        {
            foreach (TensorDescription tensor in part.Tensors)
            {
                if (!names.TryAdd(tensor.Name, part.Path))
                    throw new ModelFormatException(part.Path, tensor.EntryOffset, "tensor name", $"'{tensor.Name}'", $"'{names[tensor.Name]}' has a tensor of this name too: the parts overlap");
                tensors.Add(new PartTensor(part, tensor));
            }
        }

        var first = new MetadataReader(parts[0]);
        if (first.FindInt32(SplitKeys.TensorCount, 0, int.MaxValue) is int total && total != tensors.Count)
            throw first.Fault(SplitKeys.TensorCount, Invariant($"{total:N0}"), Invariant($"the parts have {tensors.Count:N0} tensors together: one of them is of another model"));

        var metadata = new OrderedDictionary<string, object>(StringComparer.Ordinal);
        foreach ((string key, object value) in parts[0].Metadata)
        {
            if (!SplitKeys.All.Contains(key))
                metadata.Add(key, value);
        }

        return new ComposedModelFile(
            path, Invariant($"{parts[0].FormatName} in {parts.Length} parts"), parts.Sum(part => part.ByteSize), metadata, tensors, parts, parts[0].MetadataOffset)
        {
            LastWriteTimeUtc = parts.Max(part => part.LastWriteTimeUtc),
        };
    }

    private static string Suffix(int number, int count) => string.Create(CultureInfo.InvariantCulture, $"-{number + 1:D5}-of-{count:D5}.gguf");
}
