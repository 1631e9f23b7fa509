using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>One way in which data sets write their records.</summary>
internal interface IRecordFormat
{
    /// <summary>Its public name.</summary>
    DatasetFormat Format { get; }

    /// <summary>Whether a record has the fields that tell this format from the others.</summary>
    bool Matches(JsonElement record);

    /// <summary>Reads a record.</summary>
    /// <exception cref="RecordFaultException">It lacks a field, or a field is not what it should be.</exception>
    DatasetRecord Read(JsonElement record);
}
