namespace Llama2.Fuzz;

/// <summary>An input that a reader neither read nor refused as it should.</summary>
internal sealed class FuzzFaultException(string message, Exception? innerException = null) : Exception(message, innerException);
