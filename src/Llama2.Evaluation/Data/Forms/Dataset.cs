using System.Text.Json;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>A data set that is known by name.</summary>
/// <param name="Paths">Its names on the Hugging Face hub: <c>owner/name</c>, or <c>name</c>.</param>
/// <param name="Folders">The names of folders in which it is looked for, in addition to those that follow from its names on the hub.</param>
/// <param name="Fields">The fields that its rows must have; by them, a file of another data set is recognized.</param>
internal sealed record Dataset(IReadOnlyList<string> Paths, IReadOnlyList<string> Folders, IReadOnlyList<string> Fields)
{
    /// <summary>Fields that must be numbers: a table of texts, or a file with truth values in their place, is read by one of the forms.</summary>
    public IReadOnlyList<string> NumberFields { get; init; } = [];

    /// <summary>
    /// The names of configurations that are taken if none is named, and whose files need not bear the name of the configuration, because the data set has
    /// no other, or it is the main one.
    /// </summary>
    public IReadOnlyList<string> MainNames { get; init; } = [];

    /// <summary>Whether a split of its own is named <c>dev</c>. For all others, <c>dev</c> is another name of <c>validation</c>.</summary>
    public bool HasDevelopmentSplit { get; init; }

    /// <summary>The forms in which its authors publish it; the first one whose files exist is read.</summary>
    public IReadOnlyList<IDatasetForm> Forms { get; init; } = [];

    /// <summary>The first field that a row lacks, or that is not a number as it should be; null if there is none.</summary>
    public string? FindMissingField(JsonElement row) =>
        Fields.FirstOrDefault(field => !row.TryGetProperty(field, out _))
        ?? NumberFields.FirstOrDefault(field => !row.TryGetProperty(field, out JsonElement value) || value.ValueKind != JsonValueKind.Number);
}
