using Llama2.Training.Datasets.Forms;

namespace Llama2.Training.Datasets.Descriptions;

/// <summary>What LLaMA-Factory's <c>dataset_info.json</c> says about a data set.</summary>
internal sealed record DatasetDescription
{
    /// <summary>The file of the description.</summary>
    public required string Path { get; init; }

    /// <summary>The files with the data, in the order of their names.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The form of the records.</summary>
    public required DatasetFormat Format { get; init; }

    /// <summary>The fields of the form that the description names, and the file's names of them.</summary>
    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    /// <summary>The same for messages.</summary>
    public required IReadOnlyDictionary<string, string> MessageFields { get; init; }

    /// <summary>The role of each author of messages.</summary>
    public required IReadOnlyDictionary<string, string> Roles { get; init; }

    /// <summary>The columns that the description states, which the data must have.</summary>
    public required IReadOnlyList<DescriptionField> Columns { get; init; }

    /// <summary>The number of samples that are used; null for all.</summary>
    public int? SampleCount { get; init; }

    /// <summary>The line of <see cref="SampleCount"/>.</summary>
    public long SampleCountLine { get; init; }

    /// <summary>The names of the records' fields.</summary>
    /// <param name="ignored">Fields that are not used, whatever they mean.</param>
    public FieldNames Names(IReadOnlyList<string> ignored) => FieldNames.OfDescription(Fields, MessageFields, Roles, ignored);
}
