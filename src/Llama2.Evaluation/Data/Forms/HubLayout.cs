using System.Text.RegularExpressions;
using Llama2.Evaluation.Data.Input;
using Llama2.Evaluation.Data.Reading;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>
/// The layouts of repositories of data on the Hugging Face hub: files named after the split, possibly in several numbered parts, in a folder named after
/// the configuration or the split, and possibly in a folder <c>data</c> (huggingface.co/docs/datasets/repository_structure).
/// </summary>
internal static partial class HubLayout
{
    private const int MaxFileCount = 10_000;

    /// <summary>Finds the files of a split.</summary>
    /// <param name="search">The folder in which to look, and what to look for.</param>
    /// <param name="dataset">What is known of the data set, or null.</param>
    /// <returns>One list of parts, in their order, for each layout that is there.</returns>
    public static IEnumerable<IReadOnlyList<string>> Find(DatasetSearch search, Dataset? dataset)
    {
        string[] splits = Names(search.Split, dataset);
        // Without a name, the hub's library takes the main configuration.
        IReadOnlyList<string> names = search.Name is { } named ? [named] : dataset?.MainNames ?? [];
        foreach (string name in names)
        {
            foreach (string split in splits)
            {
                foreach ((string folder, string stem) in ((string, string)[])
                    [(name, split), ($"data/{name}", split), ("", $"{name}_{split}"), ("", $"{name}-{split}"), ("", $"{split}_{name}"), ("data", $"{name}-{split}"), ("data", $"{name}_{split}")])
                {
                    foreach (IReadOnlyList<string> parts in FindParts(search, folder, stem))
                        yield return parts;
                }
            }
        }

        if (search.Name is null or "default" || dataset?.MainNames.Contains(search.Name) == true || Path.GetFileName(search.Folder) == search.Name)
        {
            foreach (string split in splits)
            {
                foreach (string folder in (string[])["data", "default", ""])
                {
                    foreach (IReadOnlyList<string> parts in FindParts(search, folder, split))
                        yield return parts;
                }
            }
        }
    }

    private static string[] Names(string split, Dataset? dataset) => split switch
    {
        "validation" when dataset?.HasDevelopmentSplit == true => ["validation", "valid", "val"],
        "validation" => ["validation", "valid", "val", "dev"],
        _ => [split],
    };

    // The parts are FOLDER/test-00000-of-00002.parquet …, FOLDER/test/0000.parquet … or FOLDER/test.parquet, or have another known ending.
    private static IEnumerable<IReadOnlyList<string>> FindParts(DatasetSearch search, string folder, string split)
    {
        string parent = Path.Combine([search.Folder, .. folder.Split('/', StringSplitOptions.RemoveEmptyEntries)]);
        if (!Directory.Exists(parent))
        {
            search.Places.Add(parent);
            yield break;
        }

        string[] files = List(parent), inner = List(Path.Combine(parent, split));
        bool isFound = false;
        foreach (string extension in RowFile.Extensions)
        {
            if (Numbered(files, parent, split, extension) is { Count: > 0 } parts
                || (parts = [.. inner.Where(file => HasExtension(file, extension)).Select(file => Path.Combine(parent, split, file))]) is { Count: > 0 })
            {
                isFound = true;
                yield return parts;
            }
            else if (files.FirstOrDefault(file => file == split + extension || file == $"{split}{extension}.gz") is { } whole)
            {
                isFound = true;
                yield return [Path.Combine(parent, whole)];
            }
        }

        if (!isFound)
            search.Places.Add(Path.Combine(parent, $"{split}.*"));
    }

    private static List<string> Numbered(string[] files, string parent, string split, string extension)
    {
        List<(int Number, int Count, string Path)> parts = [];
        foreach (string file in files.Where(file => file.StartsWith(split, StringComparison.Ordinal) && HasExtension(file, extension)))
        {
            if (PartName().Match(file, split.Length, file.Length - split.Length) is { Success: true } match)
                parts.Add((int.Parse(match.Groups["part"].ValueSpan, null), int.Parse(match.Groups["count"].ValueSpan, null), Path.Combine(parent, file)));
        }

        parts.Sort();
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i].Number != i || parts[i].Count != parts.Count)
            {
                throw DataFault.InFile(parts[i].Path, Invariant(
                    $"it is part {parts[i].Number + 1} of {parts[i].Count}, but {parts.Count} parts are there, and each number must occur once; get the missing parts, or remove the parts of another version"));
            }
        }

        return [.. parts.Select(part => part.Path)];
    }

    private static bool HasExtension(string file, string extension) => InputFile.Extension(file) == extension;

    private static string[] List(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        try
        {
            string[] names = [.. Directory.EnumerateFiles(folder).Take(MaxFileCount + 1).Select(path => Path.GetFileName(path))];
            Array.Sort(names, StringComparer.Ordinal);
            return names.Length <= MaxFileCount
                ? names
                : throw new EvaluationDataException(Invariant($"The folder '{folder}' has more than {MaxFileCount:N0} files; give a folder with data sets."));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationDataException($"The folder '{folder}' cannot be read: {exception.Message}", exception);
        }
    }

    // A hash may follow the numbers, as in the files of older versions of Hugging Face's library.
    [GeneratedRegex(@"\G-(?<part>[0-9]{1,6})-of-(?<count>[0-9]{1,6})(-[0-9a-f]{1,64})?\.", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex PartName();
}
