namespace Llama2.Fuzz;

/// <summary>An input that a reader neither accepted nor refused correctly.</summary>
internal sealed class FuzzFaultException(string message, Exception? innerException = null) : Exception(message, innerException);
