namespace Llama2.Training.Datasets;

/// <summary>A record does not conform to its format. The reader of the data set adds file and line, and decides how to handle it.</summary>
internal sealed class RecordFaultException(string message) : Exception(message);
