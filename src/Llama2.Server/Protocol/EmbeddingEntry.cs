namespace Llama2.Server.Protocol;

/// <summary>The embedding of one input.</summary>
internal sealed record EmbeddingEntry(int Index, EmbeddingVector Embedding, string Object = "embedding");
