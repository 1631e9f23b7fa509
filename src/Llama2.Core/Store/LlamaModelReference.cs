using System.Diagnostics.CodeAnalysis;
using Llama2.Store;

namespace Llama2;

/// <summary>
/// The name of a model on a hub: <c>OWNER/REPOSITORY</c>, then <c>@REVISION</c> if the revision is not <c>main</c>, then <c>:FILE</c> if the
/// repository has several models. The name of a data set is the same with <c>datasets/</c> before it. Immutable and thread-safe. Every part is checked
/// when it is set, so that no part can lead to a path outside the store.
/// </summary>
/// <example><c>owner/repository</c>, <c>owner/repository:llama-2-7b.Q4_K_M.gguf</c>, <c>owner/repository:Q4_K_M</c>, <c>owner/repository@v1.0:safetensors</c>, <c>datasets/owner/repository:main</c></example>
public sealed record LlamaModelReference
{
    private const string DatasetStart = "datasets/";

    /// <summary>The revision that is used if none is named.</summary>
    public const string DefaultRevision = "main";

    /// <summary>Creates a reference from its parts.</summary>
    /// <param name="owner">The user or organisation: letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</param>
    /// <param name="repository">The repository's name without its owner, with the same characters.</param>
    /// <param name="file">
    /// A file of the repository, the name of a quantization such as <c>Q4_K_M</c>, or <c>safetensors</c> for the weights that belong to the
    /// repository's <c>config.json</c>. Null if the repository has only one model. For a data set, a file or the name of a configuration; null for all
    /// its data.
    /// </param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="isDataset">Whether the repository is a data set.</param>
    /// <exception cref="ArgumentException">
    /// A part has characters that are not allowed, or is a name that has a special meaning in a file system.
    /// </exception>
    public LlamaModelReference(string owner, string repository, string? file = null, string revision = DefaultRevision, bool isDataset = false)
    {
        Owner = Check(owner, nameof(owner), RepositoryPath.FindNameFault);
        Repository = Check(repository, nameof(repository), RepositoryPath.FindNameFault);
        File = file is null ? null : Check(file, nameof(file), RepositoryPath.FindFault);
        Revision = Check(revision, nameof(revision), RepositoryPath.FindRevisionFault);
        IsDataset = isDataset;
    }

    /// <summary>The user or organisation.</summary>
    public string Owner { get; }

    /// <summary>The repository's name without its owner.</summary>
    public string Repository { get; }

    /// <summary>
    /// A file, a quantization or <c>safetensors</c>; of a data set, a file or a configuration. Null if none is named, which is enough for a repository with
    /// only one model, and means all data of a data set.
    /// </summary>
    public string? File { get; }

    /// <summary>A branch, a tag or a commit. Default <c>main</c>.</summary>
    public string Revision { get; }

    /// <summary>Whether the repository is a data set.</summary>
    public bool IsDataset { get; }

    /// <summary>Parses a reference.</summary>
    /// <param name="text"><c>[datasets/]OWNER/REPOSITORY[@REVISION][:FILE]</c>.</param>
    /// <exception cref="ArgumentException">The text is not a reference; the message states why.</exception>
    public static LlamaModelReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        (string left, string? file) = Split(text, ':');
        (string path, string? revision) = Split(left, '@');
        bool isDataset = path.StartsWith(DatasetStart, StringComparison.Ordinal) && path.IndexOf('/', DatasetStart.Length) >= 0;
        return Split(isDataset ? path[DatasetStart.Length..] : path, '/') is (var owner, { } repository)
            ? new LlamaModelReference(owner, repository, file, revision ?? DefaultRevision, isDataset)
            : throw new ArgumentException($"'{text}' is not the name of a model; write OWNER/REPOSITORY or OWNER/REPOSITORY:FILE.", nameof(text));
    }

    /// <summary>Parses a text that may be a reference or something else, such as a path.</summary>
    /// <param name="text">The text, or null.</param>
    /// <param name="reference">The reference; null if the text is not a reference.</param>
    /// <returns>Whether the text is a reference.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out LlamaModelReference? reference)
    {
        try
        {
            reference = text is null ? null : Parse(text);
        }
        catch (ArgumentException)
        {
            reference = null;
        }

        return reference is not null;
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        $"{(IsDataset ? DatasetStart : "")}{Owner}/{Repository}{(Revision == DefaultRevision ? "" : $"@{Revision}")}{(File is null ? "" : $":{File}")}";

    private static (string Head, string? Tail) Split(string text, char separator)
    {
        int index = text.IndexOf(separator, StringComparison.Ordinal);
        return index < 0 ? (text, null) : (text[..index], text[(index + 1)..]);
    }

    private static string Check(string value, string parameter, Func<string, string?> findFault)
    {
        ArgumentNullException.ThrowIfNull(value, parameter);
        return findFault(value) is { } fault ? throw new ArgumentException($"The {parameter} '{value}' of a model's name {fault}.", parameter) : value;
    }
}
