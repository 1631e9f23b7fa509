namespace Llama2.Training.Datasets;

/// <summary>A record is not what its format says. The data set's reader knows file and line, and what is to become of it.</summary>
internal sealed class RecordFaultException(string message) : Exception(message);
