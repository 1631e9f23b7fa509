using System.Buffers.Binary;
using Llama2.Architectures;
using Llama2.Quantization;
using static System.FormattableString;

namespace Llama2.Formats.Gguf;

/// <summary>
/// Reads and writes importance matrices in the GGUF format that llama-imatrix has used since 2025. For each weight matrix, one tensor contains the
/// sums of squares, and another contains the number of activations.
/// </summary>
internal static class GgufImatrix
{
    private const string TypeName = "imatrix";
    private const string SumsSuffix = ".in_sum2";
    private const string CountsSuffix = ".counts";

    /// <exception cref="ModelFormatException">The file is not an importance matrix, or is malformed.</exception>
    public static ImatrixFile Read(IModelFile file)
    {
        var metadata = new MetadataReader(file);
        if (metadata.FindString(GeneralKeys.Type) is var type && type != TypeName)
        {
            throw metadata.Fault(GeneralKeys.Type, type ?? "absent", $"in an importance matrix it must be '{TypeName}': this is another kind of file");
        }

        return new ImatrixFile(
            [.. file.Tensors.Where(tensor => tensor.Name.EndsWith(SumsSuffix, StringComparison.Ordinal)).Select(tensor => ReadEntry(file, tensor))],
            metadata.FindStringArray(ImportanceKeys.Datasets) ?? [],
            metadata.FindInt32(ImportanceKeys.WindowCount, 0, int.MaxValue) ?? 0,
            metadata.FindInt32(ImportanceKeys.WindowLength, 0, int.MaxValue) ?? 0);
    }

    /// <summary>Writes a file, which appears under its name only when it is complete.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, ImatrixFile matrix)
    {
        using var writer = new GgufWriter(path);
        writer.Add(GeneralKeys.Type, TypeName);
        writer.Add(ImportanceKeys.Datasets, matrix.Datasets.ToArray());
        writer.Add(ImportanceKeys.WindowCount, (uint)matrix.WindowCount);
        writer.Add(ImportanceKeys.WindowLength, (uint)matrix.WindowLength);
        ColumnSquares[] columns = [.. matrix.Columns.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        foreach (ColumnSquares entry in columns)
        {
            writer.AddTensor(entry.Name + SumsSuffix, GgmlType.F32, entry.Sums.Length, 1);
            writer.AddTensor(entry.Name + CountsSuffix, GgmlType.F32, 1, 1);
        }

        foreach (ColumnSquares entry in columns)
        {
            WriteTensor(writer, entry.Sums);
            WriteTensor(writer, entry.Count);
        }

        writer.Complete();
    }

    private static void WriteTensor(GgufWriter writer, params ReadOnlySpan<float> values)
    {
        byte[] bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }

        writer.Write(bytes);
        writer.EndTensor();
    }

    private static ColumnSquares ReadEntry(IModelFile file, TensorDescription sums)
    {
        string name = sums.Name[..^SumsSuffix.Length];
        if (!file.TryGetTensor(name + CountsSuffix, out TensorDescription? counts))
        {
            throw new ModelFormatException(file.Path, sums.EntryOffset, $"tensor '{name + CountsSuffix}'", "absent", "it must give the number of activations that were summed: the file is damaged");
        }

        if (sums.RowCount != 1 || counts.RowCount * counts.RowLength != 1)
        {
            throw new ModelFormatException(file.Path, sums.EntryOffset, $"the shape of '{sums.Name}'", Invariant($"{sums.RowLength:N0} × {sums.RowCount:N0}"), "it must be a single row of sums: a mixture of experts, which has a row for each expert, is not supported");
        }

        float[] values = ReadTensor(file, sums);
        return new ColumnSquares(name, values, ReadTensor(file, counts)[0]);
    }

    private static float[] ReadTensor(IModelFile file, TensorDescription tensor)
    {
        if (tensor.Type != GgmlType.F32 || tensor.RowLength > ImatrixFile.MaxColumnCount)
        {
            throw new ModelFormatException(file.Path, tensor.EntryOffset, $"tensor '{tensor.Name}'", Invariant($"{tensor.Type}, {tensor.RowLength:N0} elements"), Invariant($"it must be F32 with at most {ImatrixFile.MaxColumnCount:N0} elements"));
        }

        byte[] bytes = new byte[tensor.ByteSize];
        file.Read(tensor, 0, bytes);
        float[] values = new float[tensor.RowLength];
        WeightFormats.Dequantize(GgmlType.F32, bytes, values);
        return ImatrixFile.Checked(file.Path, tensor.EntryOffset, tensor.Name, values);
    }
}
