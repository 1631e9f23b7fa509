using Llama2.Formats;
using Llama2.Quantization;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>One tensor of an adapter, with the file that contains it.</summary>
/// <param name="File">The file.</param>
/// <param name="Description">The tensor.</param>
internal sealed record AdapterTensor(IModelFile File, TensorDescription Description)
{
    public string Name => Description.Name;

    public long RowLength => Description.RowLength;

    public long RowCount => Description.RowCount;

    /// <summary>The type in which <see cref="ReadRows"/> returns the numbers: the stored type if it is unquantized, otherwise F32.</summary>
    public GgmlType ReadType => GgmlTypes.BlockLength(Description.Type) == 1 ? Description.Type : GgmlType.F32;

    /// <summary>Reads all rows in <see cref="ReadType"/>.</summary>
    /// <exception cref="ModelFormatException">The type is not supported, or the rows take more than 2 GiB.</exception>
    public byte[] ReadRows()
    {
        byte[] rows = ReadStored();
        if (ReadType == Description.Type)
        {
            return rows;
        }

        float[] numbers = Widen(rows);
        byte[] widened = new byte[numbers.Length * sizeof(float)];
        Buffer.BlockCopy(numbers, 0, widened, 0, widened.Length);
        return widened;
    }

    /// <summary>Reads the numbers of one row; they may be infinite or NaN.</summary>
    public void ReadRow(long row, float[] numbers)
    {
        byte[] stored = new byte[Description.RowByteSize];
        File.Read(Description, row * Description.RowByteSize, stored);
        WeightFormats.Dequantize(Description.Type, stored, numbers);
    }

    /// <summary>Reads all numbers, row after row.</summary>
    /// <exception cref="ModelFormatException">The type is not supported, a number is not finite, or the numbers take more than 2 GiB.</exception>
    public float[] ReadNumbers()
    {
        float[] numbers = Widen(ReadStored());
        int bad = Array.FindIndex(numbers, number => !float.IsFinite(number));
        return bad < 0 ? numbers : throw NotFinite();
    }

    /// <summary>The other tensor of this tensor's pair.</summary>
    /// <exception cref="ModelFormatException">The file does not contain the other tensor.</exception>
    public AdapterTensor Other(string name) => File.TryGetTensor(name, out TensorDescription? other)
        ? new AdapterTensor(File, other)
        : throw Fault($"tensor '{name}'", "absent", $"'{Name}' is one factor of a pair, and the other is missing: the file is incomplete");

    public ModelFormatException NotFinite() => Fault($"a number of '{Name}'", "infinite or NaN", "weights must be finite: the file is damaged");

    public ModelFormatException Fault(string field, string value, string limit) => new(File.Path, Description.EntryOffset, field, value, limit);

    private byte[] ReadStored()
    {
        if (Description.RowCount * Description.RowLength > Array.MaxLength / sizeof(float))
        {
            throw Fault($"the size of '{Name}'", Invariant($"{RowCount * RowLength:N0} numbers"), Invariant($"at most {Array.MaxLength / sizeof(float):N0} are allowed"));
        }

        byte[] rows = new byte[Description.ByteSize];
        File.Read(Description, 0, rows);
        return rows;
    }

    private float[] Widen(byte[] rows)
    {
        float[] numbers = new float[RowCount * RowLength];
        WeightFormats.Dequantize(Description.Type, rows, numbers);
        return numbers;
    }
}
