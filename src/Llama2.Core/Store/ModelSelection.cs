using static System.FormattableString;

namespace Llama2.Store;

/// <summary>
/// Selects the files of the model to which a reference refers. If several models match, none is preferred; the exception lists them.
/// </summary>
internal static class ModelSelection
{
    private const string Safetensors = "safetensors", PyTorch = "pytorch";
    private const int MaxListedCount = 30;

    // The files of a Hugging Face folder that are pulled in addition to the weights.
    private static readonly string[] s_folderFiles =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json", "chat_template.jinja",
    ];

    /// <summary>Selects the files.</summary>
    /// <exception cref="ModelStoreException">No model or several models match, parts are missing, or a selected file has a name that is not allowed.</exception>
    public static StoreManifest Select(LlamaModelReference reference, HubRepository repository)
    {
        ModelCandidate selected = reference.IsDataset ? DatasetSelection.Select(reference, repository) : SelectModel(reference, repository);
        RequireSafe(reference, selected);
        return new StoreManifest(
            new LlamaModelReference(reference.Owner, reference.Repository, reference.IsDataset ? reference.File : selected.Name, reference.Revision, reference.IsDataset),
            repository.Commit, selected.Type, selected.Files);
    }

    private static ModelCandidate SelectModel(LlamaModelReference reference, HubRepository repository)
    {
        List<ModelCandidate> candidates = [.. FindGgufs(repository)];
        if (FindFolder(repository) is { } folder)
            candidates.Add(folder);
        List<ModelCandidate> fitting = [.. candidates.Where(candidate => candidate.Fits(reference.File))];
        return fitting is [var only] ? only
            : fitting.FirstOrDefault(candidate => candidate.Name == reference.File) is { } exact ? exact
            : fitting.Count == 0 && reference.File is not null && repository.Files.FirstOrDefault(file => file.Path == reference.File) is { } file
                ? new ModelCandidate(file.Path, StoredModelType.Other, [file])
            : throw NotOne(reference, fitting.Count > 0 ? fitting : candidates, fitting.Count > 0);
    }

    private static IEnumerable<ModelCandidate> FindGgufs(HubRepository repository) =>
        from file in repository.Files
        let name = GgufName.Parse(file.Path)
        where name is not null
        group (File: file, Name: name) by (name.Stem, name.PartCount) into parts
        let files = parts.OrderBy(part => part.Name.Part).ToArray()
        select new ModelCandidate(files[0].File.Path, StoredModelType.Gguf, [.. files.Select(part => part.File)])
        {
            Gguf = parts.Key.PartCount == 1 ? files[0].Name : new GgufName(parts.Key.Stem, 1, parts.Key.PartCount),
            IsWhole = files.Select(part => part.Name.Part).SequenceEqual(Enumerable.Range(1, Math.Max(files.Length, 1))) && files.Length == parts.Key.PartCount,
        };

    private static ModelCandidate? FindFolder(HubRepository repository)
    {
        if (repository.Files.All(file => file.Path != s_folderFiles[0]))
            return null;

        // PyTorch files contain the same weights as safetensors files, and are pulled only if there are no safetensors files.
        HubFile[] weights = FindWeights(repository, "", ".safetensors"), pickled = FindWeights(repository, "pytorch_model", ".bin");
        if (weights.Length == 0 && pickled.Length == 0)
            return null;
        if (weights.Length == 0)
            return CreateFolder(repository, PyTorch, "pytorch_model.bin.index.json", pickled);

        // Some repositories contain the weights a second time, in files for their author's own tools. Only the files with the usual names are pulled.
        HubFile[] usual = [.. weights.Where(file => file.Path.StartsWith("model", StringComparison.Ordinal))];
        return CreateFolder(repository, Safetensors, "model.safetensors.index.json", usual.Length > 0 ? usual : weights);
    }

    private static HubFile[] FindWeights(HubRepository repository, string start, string end) =>
        [.. repository.Files.Where(file => !file.Path.Contains('/', StringComparison.Ordinal) && file.Path.StartsWith(start, StringComparison.Ordinal) && file.Path.EndsWith(end, StringComparison.Ordinal))];

    private static ModelCandidate CreateFolder(HubRepository repository, string name, string index, HubFile[] weights) =>
        new(name, StoredModelType.Safetensors, [.. repository.Files.Where(file => s_folderFiles.Contains(file.Path) || file.Path == index), .. weights]);

    private static void RequireSafe(LlamaModelReference reference, ModelCandidate selected)
    {
        string repository = $"{reference.Owner}/{reference.Repository}";
        if (!selected.IsWhole)
            throw new ModelStoreException(Invariant($"'{selected.Name}' of '{repository}' is split into {selected.Gguf!.PartCount} parts, and some of them are missing."));
        if (selected.Files.FirstOrDefault(file => RepositoryPath.FindFault(file.Path) is not null) is { } unsafeFile)
            throw new ModelStoreException($"'{repository}' has a file whose path {RepositoryPath.FindFault(unsafeFile.Path)}: '{unsafeFile.Path}'. It is not pulled.");
        if (selected.Files.DistinctBy(file => file.Path, StringComparer.OrdinalIgnoreCase).Count() != selected.Files.Count)
            throw new ModelStoreException($"'{repository}' has files whose names differ only in upper and lower case, which some file systems do not distinguish. It is not pulled.");
    }

    private static ModelStoreException NotOne(LlamaModelReference reference, List<ModelCandidate> candidates, bool isAmbiguous)
    {
        string what = $"'{reference.Owner}/{reference.Repository}'";
        if (candidates.Count == 0)
            return new ModelStoreException($"{what} has no GGUF file, and no config.json with safetensors or pytorch_model.bin files{(reference.File is null ? "" : $", and no file '{reference.File}'")}.");

        string list = string.Join(", ", candidates.Take(MaxListedCount).Select(candidate => candidate.Describe()));
        string more = candidates.Count > MaxListedCount ? Invariant($" and {candidates.Count - MaxListedCount} more") : "";
        return new ModelStoreException(isAmbiguous
            ? Invariant($"{what} has {candidates.Count} models{(reference.File is null ? "" : $" that '{reference.File}' matches")}; choose one, such as '{reference.Owner}/{reference.Repository}:{candidates[0].Name}'. There are: {list}{more}.")
            : $"{what} has no '{reference.File}'. There are: {list}{more}.");
    }
}
