namespace Llama2.Server.Protocol;

/// <summary>The answer of <c>GET /v1/models</c>.</summary>
internal sealed record ModelList(IReadOnlyList<ModelEntry> Data, string Object = "list");
