namespace Llama2.Server.Protocol;

/// <summary>The answer of <c>POST /v1/embeddings</c>.</summary>
internal sealed record EmbeddingList(IReadOnlyList<EmbeddingEntry> Data, string Model, Usage Usage, string Object = "list");
