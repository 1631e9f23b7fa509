namespace Llama2.Evaluation.Data.Parquet;

/// <summary>The types in which Parquet stores values.</summary>
internal enum PhysicalType
{
    Boolean = 0,
    Int32 = 1,
    Int64 = 2,
    Int96 = 3,
    Float = 4,
    Double = 5,
    ByteArray = 6,
    FixedByteArray = 7,
}
