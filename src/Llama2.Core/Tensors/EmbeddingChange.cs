namespace Llama2.Tensors;

/// <summary>What an adapter adds to the token embeddings. Immutable once filled.</summary>
internal abstract class EmbeddingChange : IDisposable
{
    /// <summary>The size of the change in memory, in bytes.</summary>
    public abstract long ByteSize { get; }

    /// <summary>Adds a token's change to its embedding.</summary>
    public abstract void AddTo(Span<float> embedding, int token, float scale);

    public abstract void Dispose();
}
