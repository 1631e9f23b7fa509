namespace Llama2.Cli.Inspection;

/// <summary>All tensors of one type in a file.</summary>
/// <param name="Type">The type of the tensors' numbers.</param>
/// <param name="Count">The number of tensors.</param>
/// <param name="ParameterCount">The number of elements of these tensors.</param>
/// <param name="ByteSize">The size of these tensors in the file, in bytes.</param>
/// <param name="IsSupported">Whether this library supports the type.</param>
internal sealed record TensorTypeSummary(GgmlType Type, int Count, long ParameterCount, long ByteSize, bool IsSupported)
{
    /// <summary>The types in a file, those with the most bytes first.</summary>
    public static IReadOnlyList<TensorTypeSummary> Of(ModelFileInformation file) =>
    [
        .. file.Tensors
            .GroupBy(tensor => tensor.Type)
            .Select(group => new TensorTypeSummary(
                group.Key, group.Count(), group.Sum(tensor => tensor.ElementCount), group.Sum(tensor => tensor.ByteSize), group.First().IsSupported))
            .OrderByDescending(summary => summary.ByteSize),
    ];
}
