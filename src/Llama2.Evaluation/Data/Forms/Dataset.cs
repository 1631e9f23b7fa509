using System.Text.Json;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>A data set that is known by name.</summary>
/// <param name="Paths">Its names on the Hugging Face hub: <c>owner/name</c>, or <c>name</c>.</param>
/// <param name="Folders">The names of folders in which it is searched for, in addition to folders with its names on the hub.</param>
/// <param name="Fields">The fields that its rows must have; by them, a file of another data set is recognized.</param>
internal sealed record Dataset(IReadOnlyList<string> Paths, IReadOnlyList<string> Folders, IReadOnlyList<string> Fields)
{
    /// <summary>Fields that must be numbers. A file in which they are texts or truth values is read by one of the forms instead.</summary>
    public IReadOnlyList<string> NumberFields { get; init; } = [];

    /// <summary>
    /// The names of the configurations that are used if none is named, because the data set has no other, or because it is the main one. Their files
    /// need not have the name of the configuration.
    /// </summary>
    public IReadOnlyList<string> MainNames { get; init; } = [];

    /// <summary>Whether there is a separate split named <c>dev</c>. For all others, <c>dev</c> is another name of <c>validation</c>.</summary>
    public bool HasDevelopmentSplit { get; init; }

    /// <summary>The forms in which its authors publish it; the first one whose files exist is read.</summary>
    public IReadOnlyList<IDatasetForm> Forms { get; init; } = [];

    /// <summary>The first field that a row lacks, or that is not a number as it should be; null if there is none.</summary>
    public string? FindMissingField(JsonElement row) =>
        Fields.FirstOrDefault(field => !row.TryGetProperty(field, out _))
        ?? NumberFields.FirstOrDefault(field => !row.TryGetProperty(field, out JsonElement value) || value.ValueKind != JsonValueKind.Number);
}
