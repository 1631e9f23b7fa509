namespace Llama2.Server.Errors;

/// <summary>The server is answering as many requests as <see cref="LlamaServerOptions.MaxActiveRequestCount"/> allows.</summary>
internal sealed class ServerBusyException() : LlamaException("The server is answering as many requests as it accepts. Try again later.");
