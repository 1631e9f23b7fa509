using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>A format of records in data sets.</summary>
internal interface IRecordFormat
{
    /// <summary>The format's public name.</summary>
    DatasetFormat Format { get; }

    /// <summary>Whether a record has the fields that distinguish this format from the others.</summary>
    bool Matches(JsonElement record);

    /// <summary>Reads a record.</summary>
    /// <exception cref="RecordFaultException">A field is missing, or has a wrong value.</exception>
    DatasetRecord Read(JsonElement record);
}
