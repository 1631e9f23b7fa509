using System.Text.RegularExpressions;
using Llama2.Evaluation.Data.Input;

namespace Llama2.Evaluation.Data.Forms;

/// <summary>The names of data sets, configurations and splits, which become parts of paths.</summary>
internal static partial class DatasetName
{
    /// <summary>Refuses names that could lead to a path outside the folder.</summary>
    /// <exception cref="EvaluationDataException">A name has characters that are not allowed.</exception>
    public static void Check(string path, string? name, string split)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(split);
        string[] parts = path.Split('/');
        if (parts.Length > 2 || !parts.All(IsPart))
            throw Refuse("data set", path, "write OWNER/NAME or NAME, as on the Hugging Face hub");
        if (name is not null && !IsPart(name))
            throw Refuse("configuration", name, "write its name as on the Hugging Face hub");
        if (!IsPart(split))
            throw Refuse("split", split, "write test, validation, train or the name of another split; parts of splits, such as train[:10], are not supported");
    }

    /// <summary>The folders in which a data set is looked for, the most specific ones first.</summary>
    public static IEnumerable<string> Folders(string root, string path, Dataset? dataset)
    {
        IEnumerable<string> paths = [path, .. dataset?.Paths ?? []];
        IEnumerable<string> names = paths.Concat(paths.Select(path => path.Split('/')[^1])).Concat(dataset?.Folders ?? []).Distinct(StringComparer.Ordinal);
        return names.Select(name => Path.Combine([root, .. name.Split('/')])).Append(root);
    }

    private static bool IsPart(string part) => Part().IsMatch(part) && part is not ("." or "..");

    private static EvaluationDataException Refuse(string what, string value, string remedy) =>
        new($"{DataFault.Quote(value)} is not the name of a {what}: {remedy}.");

    [GeneratedRegex(@"\A[A-Za-z0-9._+-]{1,200}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
