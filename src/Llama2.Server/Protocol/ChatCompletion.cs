namespace Llama2.Server.Protocol;

/// <summary>The answer of <c>POST /v1/chat/completions</c>.</summary>
internal sealed record ChatCompletion(
    string Id, long Created, string Model, string SystemFingerprint, IReadOnlyList<ChatChoice> Choices, Usage Usage, string Object = "chat.completion");
