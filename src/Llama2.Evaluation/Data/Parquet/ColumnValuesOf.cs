namespace Llama2.Evaluation.Data.Parquet;

/// <summary>A list of values of one type.</summary>
/// <typeparam name="T">The type in which values are kept.</typeparam>
internal abstract class ColumnValuesOf<T> : ColumnValues
{
    protected List<T> Items { get; } = [];

    public override int Count => Items.Count;

    public override void AddFrom(ColumnValues dictionary, ReadOnlySpan<int> indices)
    {
        List<T> values = ((ColumnValuesOf<T>)dictionary).Items;
        Items.EnsureCapacity(Items.Count + indices.Length);
        foreach (int index in indices)
            Items.Add(index < values.Count ? values[index] : throw new FormatException($"a value is number {index} of a dictionary of {values.Count} values"));
    }
}
