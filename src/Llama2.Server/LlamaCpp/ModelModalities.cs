namespace Llama2.Server.LlamaCpp;

/// <summary>What a model reads besides text; the library's models read only text.</summary>
internal sealed record ModelModalities(bool Vision = false, bool Audio = false);
