namespace Llama2;

/// <summary>One tensor of a model that an adapter changes. Immutable.</summary>
/// <param name="BaseName">The model's tensor, as GGUF names it.</param>
/// <param name="Rank">The rank of the change; 0 if the adapter has a whole tensor that replaces the model's.</param>
/// <param name="Scale">The factor by which the change is multiplied, such as alpha / rank; 1 for a whole tensor.</param>
/// <param name="ParameterCount">The number of parameters of the change: in two tensors and the magnitudes, or in a whole tensor.</param>
public sealed record AdapterTensorInformation(string BaseName, int Rank, float Scale, long ParameterCount)
{
    /// <summary>The number of the tensor's rows that the adapter replaces; null if it changes or replaces the whole tensor.</summary>
    public long? RowCount { get; init; }
}
