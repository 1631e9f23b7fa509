namespace Llama2.Server.Protocol;

/// <summary>The answer of <c>GET /health</c> in llama.cpp's form: a status if the models can be used, otherwise an error.</summary>
internal sealed record HealthAnswer(string? Status = null, HealthError? Error = null);
