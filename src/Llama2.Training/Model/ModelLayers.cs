using Llama2.Kernels;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>The layers of a model, in the order in which the residual stream passes through them, and the objects that are disposed with them.</summary>
internal sealed class ModelLayers : IDisposable
{
    public required ModelConfiguration Shape { get; init; }

    public required EmbeddingLayer Embedding { get; init; }

    public required IReadOnlyList<TransformerBlock> Blocks { get; init; }

    public required OutputHead Head { get; init; }

    public required RotaryEmbedding Rotary { get; init; }

    /// <summary>The frozen weights and the shared memory, which are disposed with the layers.</summary>
    public required IReadOnlyList<IDisposable> Owned { get; init; }

    /// <summary>The trained parameters in the order of the layers; a parameter that two layers use is listed once.</summary>
    public IReadOnlyList<Parameter> Parameters
    {
        get
        {
            Parameter[] embedding = Embedding.Parameter is { } parameter ? [parameter] : [];
            return [.. embedding.Concat(Blocks.SelectMany(block => block.Parameters)).Concat(Head.Parameters).Distinct()];
        }
    }

    public void Dispose()
    {
        foreach (Parameter parameter in Parameters)
        {
            parameter.Dispose();
        }

        foreach (TransformerBlock block in Blocks)
        {
            block.Dispose();
        }

        Head.Dispose();
        foreach (IDisposable owned in Owned)
        {
            owned.Dispose();
        }
    }
}
