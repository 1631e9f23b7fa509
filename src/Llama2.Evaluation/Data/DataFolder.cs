using System.Text.Json;
using Llama2.Evaluation.Data.Forms;
using Llama2.Evaluation.Data.Reading;
using static System.FormattableString;

namespace Llama2.Evaluation;

/// <summary>
/// A folder with one or more data sets, each as it is on the Hugging Face hub or as its authors publish it. The rows have the fields of the hub's data
/// set either way. Nothing is downloaded. Immutable and thread-safe.
/// </summary>
/// <example><code>
/// var data = DataFolder.Open("data");
/// IReadOnlyList&lt;JsonElement&gt; questions = data.Read("openai/gsm8k", "main", "test");
/// </code></example>
public sealed class DataFolder
{
    private const int MaxListedCount = 40;
    private readonly DataOptions _options;

    private DataFolder(string path, DataOptions options) => (FolderPath, _options) = (path, options);

    /// <summary>The absolute path of the folder.</summary>
    public string FolderPath { get; }

    /// <summary>Opens a folder.</summary>
    /// <param name="directory">The folder of one data set, or a folder with a folder for each.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <exception cref="EvaluationDataException">The folder does not exist.</exception>
    public static DataFolder Open(string directory, DataOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        return Directory.Exists(path)
            ? new DataFolder(path, options ?? new DataOptions())
            : throw new EvaluationDataException($"The folder '{directory}' does not exist; give the folder in which the data sets are.");
    }

    /// <summary>
    /// Reads all rows of a split. The data set is looked for in the folders <c>OWNER/NAME</c>, <c>NAME</c> and others with its usual names, and in the
    /// folder itself.
    /// </summary>
    /// <param name="datasetPath">The data set's name on the hub, such as <c>openai/gsm8k</c>.</param>
    /// <param name="datasetName">The name of its configuration, such as <c>main</c>; null if it has only one.</param>
    /// <param name="split">The split, such as <c>test</c>, <c>validation</c> or <c>train</c>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The rows, which are objects of JSON. They stay valid for as long as they are referenced.</returns>
    /// <exception cref="EvaluationDataException">
    /// The split is not there (the message lists where it was looked for), or a file is malformed or exceeds a limit.
    /// </exception>
    public IReadOnlyList<JsonElement> Read(string datasetPath, string? datasetName, string split, CancellationToken cancellationToken = default)
    {
        DatasetName.Check(datasetPath, datasetName, split);
        Dataset? dataset = DatasetTable.Find(datasetPath);
        List<string> places = [];
        foreach (string folder in DatasetName.Folders(FolderPath, datasetPath, dataset))
        {
            if (!Directory.Exists(folder))
            {
                places.Add(folder);
                continue;
            }

            var search = new DatasetSearch(folder, datasetName, split, _options, places);
            foreach (IEnumerable<JsonElement> rows in Candidates(search, dataset))
            {
                List<JsonElement> all = ReadAll(rows, cancellationToken);
                if (all.Count == 0 || dataset?.FindMissingField(all[0]) is not { } missing)
                    return all;
                places[^1] += $" (it has no field '{missing}' of the expected type)";
            }
        }

        throw NotFound(datasetPath, datasetName, split, places);
    }

    private static IEnumerable<IEnumerable<JsonElement>> Candidates(DatasetSearch search, Dataset? dataset)
    {
        foreach (IReadOnlyList<string> parts in HubLayout.Find(search, dataset))
        {
            search.Places.Add(parts[0]);
            yield return parts.SelectMany(part => RowFile.Read(part, search.Options));
        }

        foreach (IDatasetForm form in dataset?.Forms ?? [])
        {
            if (form.Read(search) is { } rows)
            {
                search.Places.Add(search.Folder);
                yield return rows;
            }
        }
    }

    private List<JsonElement> ReadAll(IEnumerable<JsonElement> rows, CancellationToken cancellationToken)
    {
        List<JsonElement> all = [];
        foreach (JsonElement row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (all.Count == _options.MaxRowCount)
                throw new EvaluationDataException(Invariant($"The files of the split have more than {_options.MaxRowCount:N0} rows; if you trust them, allow more with {nameof(DataOptions)}.{nameof(DataOptions.MaxRowCount)}."));
            all.Add(row);
        }

        return all;
    }

    private EvaluationDataException NotFound(string path, string? name, string split, List<string> places)
    {
        IEnumerable<string> listed = places.Distinct().Take(MaxListedCount).Select(place => place.StartsWith(FolderPath, StringComparison.Ordinal) ? $".{place[FolderPath.Length..]}" : place);
        return new EvaluationDataException(
            $"The split '{split}' of the data set '{path}'{(name is null ? "" : $" ('{name}')")} is not in the folder '{FolderPath}'. It was looked for in: {string.Join(", ", listed)}. Put its files into one of these places.")
        { IsMissingData = true };
    }
}
