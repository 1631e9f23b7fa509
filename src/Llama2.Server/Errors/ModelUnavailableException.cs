namespace Llama2.Server.Errors;

/// <summary>A model cannot be loaded. The message does not say why, because the reason may contain paths of the server; it is logged where the model is loaded.</summary>
internal sealed class ModelUnavailableException(string id, Exception reason)
    : LlamaException($"The model '{id}' cannot be loaded at the moment; the server's log has the reason. Try again later.", reason);
