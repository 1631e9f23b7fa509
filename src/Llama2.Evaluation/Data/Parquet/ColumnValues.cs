using System.Text.Json;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>The values of a column in a row group, without nulls.</summary>
internal abstract class ColumnValues
{
    /// <summary>The number of values so far.</summary>
    public abstract int Count { get; }

    /// <summary>Creates an empty list for the values of a column.</summary>
    /// <exception cref="FormatException">The column's type is not supported.</exception>
    public static ColumnValues Create(SchemaElement column, ParquetLimits limits) => (column.Type, column.Annotation) switch
    {
        (PhysicalType.Boolean, Annotation.None) => new BooleanValues(),
        (PhysicalType.Int32, Annotation.None or Annotation.Unsigned) => new IntegerValues(byteSize: 4, column.Annotation == Annotation.Unsigned),
        (PhysicalType.Int64, Annotation.None or Annotation.Unsigned) => new IntegerValues(byteSize: 8, column.Annotation == Annotation.Unsigned),
        (PhysicalType.Float, Annotation.None) => new FloatValues(byteSize: 4),
        (PhysicalType.Double, Annotation.None) => new FloatValues(byteSize: 8),
        (PhysicalType.ByteArray, Annotation.None or Annotation.Text) => new TextValues(limits),
        _ => throw new FormatException("its type is not supported; supported are texts, whole numbers, numbers in floating point, truth values, and lists and structures of them"),
    };

    /// <summary>Creates an empty list of the same kind, for a dictionary.</summary>
    public abstract ColumnValues CreateEmpty();

    /// <summary>Adds values in the encoding PLAIN.</summary>
    /// <param name="bytes">The values one after the other.</param>
    /// <param name="count">Their number.</param>
    public abstract void AddPlain(ReadOnlyMemory<byte> bytes, int count);

    /// <summary>Adds the values that are at some places of a dictionary.</summary>
    public abstract void AddFrom(ColumnValues dictionary, ReadOnlySpan<int> indices);

    /// <summary>Adds values in an encoding that few types have.</summary>
    /// <param name="encoding">The number of the encoding in parquet.thrift.</param>
    /// <param name="bytes">The encoded values.</param>
    /// <param name="count">Their number.</param>
    public virtual void AddEncoded(int encoding, ReadOnlyMemory<byte> bytes, int count) =>
        throw new FormatException($"its encoding, number {encoding}, is not supported; write the table again, with the encodings PLAIN and RLE_DICTIONARY");

    /// <summary>Writes a value.</summary>
    public abstract void Write(Utf8JsonWriter json, int index);

    protected static void RequireSize(ReadOnlyMemory<byte> bytes, long byteSize)
    {
        if (bytes.Length < byteSize)
            throw new FormatException("a page has fewer values than its header states");
    }
}
