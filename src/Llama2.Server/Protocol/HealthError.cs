namespace Llama2.Server.Protocol;

/// <summary>Why the models cannot be used; unlike OpenAI's errors, llama.cpp's have a number as code.</summary>
internal sealed record HealthError(int Code, string Message, string Type);
