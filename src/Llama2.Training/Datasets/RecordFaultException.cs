namespace Llama2.Training.Datasets;

/// <summary>A record does not conform to its format. The reader of the data set catches it, adds the file and the line, and skips the record or throws.</summary>
internal sealed class RecordFaultException(string message) : Exception(message);
