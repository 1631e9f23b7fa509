namespace Llama2.Tensors;

/// <summary>An adapter and its strength.</summary>
internal readonly record struct AdapterUse(AdapterWeights Weights, float Scale);
