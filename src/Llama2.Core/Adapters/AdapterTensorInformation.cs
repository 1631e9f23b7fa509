namespace Llama2;

/// <summary>One tensor of a model that an adapter changes. Immutable.</summary>
/// <param name="BaseName">The model's tensor, as GGUF names it.</param>
/// <param name="Rank">The rank of the change.</param>
/// <param name="Scale">The factor by which the change is multiplied, such as alpha / rank.</param>
/// <param name="ParameterCount">The number of parameters in the two tensors of the change.</param>
public sealed record AdapterTensorInformation(string BaseName, int Rank, float Scale, long ParameterCount);
