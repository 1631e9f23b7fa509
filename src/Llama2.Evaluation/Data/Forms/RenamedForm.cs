using System.Text.Json;
using Llama2.Evaluation.Data.Reading;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>Files that have the fields of the hub, but other names.</summary>
/// <param name="train">The paths that the file of the split may have in the data set's folder; empty if there is no such split.</param>
/// <param name="validation">As before.</param>
/// <param name="test">As before.</param>
internal sealed class RenamedForm(string[] train, string[] validation, string[] test) : IDatasetForm
{
    public IEnumerable<JsonElement>? Read(DatasetSearch search) =>
        search.BySplit(train, validation, test) is { } names && search.Find(names) is { } path ? RowFile.Read(path, search.Options) : null;
}
