using static System.FormattableString;

namespace Llama2.Store;

/// <summary>Selects the data files to which a reference refers: all, one file, or those of one configuration.</summary>
internal static class DatasetSelection
{
    private const int MaxListedCount = 30;
    private const string Compressed = ".gz";
    private static readonly string[] s_endings = [".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".raw", ".tokens", ".lst"];

    // Descriptions of the data set, which contain no data.
    private static readonly string[] s_descriptions = ["dataset_infos.json", "dataset_info.json", "config.json", "requirements.txt", "LICENSE.txt"];

    /// <summary>Selects the files.</summary>
    /// <exception cref="ModelStoreException">There are none.</exception>
    public static ModelCandidate Select(LlamaModelReference reference, HubRepository repository)
    {
        HubFile[] data = [.. repository.Files.Where(IsData)];
        if (reference.File is not { } name)
            return data.Length > 0 ? Candidate("", data) : throw NoData(reference);

        HubFile[] selected = [.. repository.Files.Where(file => file.Path == name)];
        if (selected.Length == 0)
            selected = [.. data.Where(file => IsOf(name, file.Path))];
        return selected.Length > 0 ? Candidate(name, selected) : data.Length > 0 ? throw None(reference, data) : throw NoData(reference);
    }

    private static ModelCandidate Candidate(string name, HubFile[] files) => new(name, StoredModelType.Dataset, files);

    private static bool IsData(HubFile file)
    {
        string name = file.Path.Split('/')[^1];
        string plain = name.EndsWith(Compressed, StringComparison.OrdinalIgnoreCase) ? name[..^Compressed.Length] : name;
        return !name.StartsWith('.') && !s_descriptions.Contains(name) && s_endings.Any(ending => plain.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
    }

    // The files of a configuration are in a folder of its name, or their names begin with it: main/test.parquet, main-test.jsonl, main_test.csv.
    private static bool IsOf(string configuration, string path)
    {
        string[] segments = path.Split('/');
        return segments.AsSpan(..^1).Contains(configuration)
            || (segments[^1].StartsWith(configuration, StringComparison.Ordinal) && segments[^1].Length > configuration.Length && segments[^1][configuration.Length] is '-' or '_' or '.');
    }

    private static ModelStoreException NoData(LlamaModelReference reference) => new(
        $"'{reference}' has no data files. If its repository has only a program that makes the data, there may be files at the revision refs/convert/parquet: pull 'datasets/{reference.Owner}/{reference.Repository}@refs/convert/parquet'.");

    private static ModelStoreException None(LlamaModelReference reference, HubFile[] data)
    {
        string[] names = [.. data.Select(file => file.Path.Split('/') is [var folder, _, ..] ? folder + "/" : file.Path).Distinct()];
        string more = names.Length > MaxListedCount ? Invariant($" and {names.Length - MaxListedCount} more") : "";
        return new ModelStoreException($"'datasets/{reference.Owner}/{reference.Repository}' has no file and no configuration '{reference.File}'. There are: {string.Join(", ", names.Take(MaxListedCount))}{more}.");
    }
}
