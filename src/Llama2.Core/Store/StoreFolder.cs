using Llama2.Formats;

namespace Llama2.Store;

/// <summary>
/// The folder of a store. It contains the files of models (<c>OWNER/REPOSITORY/CONTENT/PATH</c>) and of data sets
/// (<c>.datasets/OWNER/REPOSITORY/CONTENT/PATH</c>), the manifests of pulled models
/// (<c>.models/ID.json</c>) and of models that are being pulled (<c>.models/ID.pull</c>), the records of verified hashes
/// (<c>.models/ID.verified</c>), and locks (<c>.locks/ID</c>). The folders whose names begin with a dot cannot conflict with an owner's folder,
/// because the name of an owner never begins with a dot.
/// </summary>
/// <param name="root">The absolute path of the folder.</param>
internal sealed class StoreFolder(string root)
{
    private const string Whole = ".json";
    private const string Begun = ".pull";
    private const string Verified = ".verified";
    private const string Datasets = ".datasets";
    private const int MaxManifestByteSize = 16 << 20;

    private string Manifests => Path.Combine(root, ".models");

    /// <summary>The path of the file that <see cref="StoreLock"/> holds open. Its folder is created.</summary>
    public string LockPath(StoreManifest manifest)
    {
        string folder = Path.Combine(root, ".locks");
        RefuseLink(folder);
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, manifest.Id);
        RefuseLink(path);
        return path;
    }

    /// <summary>The path of a file of a model.</summary>
    public string FilePath(StoreManifest manifest, HubFile file) => Path.Combine([ContentFolder(manifest), .. file.Path.Split('/')]);

    /// <summary>The path from which the model is loaded: the first file, or the folder if the files form a Hugging Face folder or a data set.</summary>
    public string ModelPath(StoreManifest manifest) =>
        manifest.Type is StoredModelType.Safetensors or StoredModelType.Dataset ? ContentFolder(manifest) : FilePath(manifest, manifest.Files[0]);

    /// <summary>Like <see cref="FilePath"/>, but also creates the folder, and checks that no link on the path leads out of the store.</summary>
    /// <exception cref="ModelStoreException">A folder on the path is a link.</exception>
    public string PrepareFile(StoreManifest manifest, HubFile file)
    {
        string path = FilePath(manifest, file);
        for (string part = PartialFile.PathOf(path); part.Length > root.Length; part = Path.GetDirectoryName(part)!)
            RefuseLink(part);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Reads the manifests of all models, complete or incomplete, ordered by name.</summary>
    /// <exception cref="ModelStoreException">A manifest is damaged.</exception>
    public IReadOnlyList<StoredManifest> Read()
    {
        if (!Directory.Exists(Manifests))
            return [];
        IEnumerable<StoredManifest> all =
            from path in Directory.GetFiles(Manifests)
            where Path.GetExtension(path) is Whole or Begun
            let stored = ReadManifest(path)
            where stored is not null
            select stored;
        // If a model is being replaced, the list contains the complete model and not the one that is being pulled.
        return
        [
            .. all.GroupBy(stored => stored.Manifest.Id)
                .Select(same => same.MaxBy(stored => Path.GetExtension(stored.Path) == Whole)!)
                .OrderBy(stored => stored.Manifest.Reference.ToString(), StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Whether all files of a model exist under their final names with their full lengths. A file gets its final name only when it has the right
    /// hash.
    /// </summary>
    public bool IsWhole(StoreManifest manifest) =>
        manifest.Files.All(file => IsThere(manifest, file));

    /// <summary>Whether a file exists under its final name with its full length.</summary>
    public bool IsThere(StoreManifest manifest, HubFile file) =>
        new FileInfo(FilePath(manifest, file)) is { Exists: true, LinkTarget: null, Length: var length } && length == file.ByteSize;

    /// <summary>
    /// Whether a file has the content that it has on the hub. The file is hashed once, and again only after a change. It is treated as unchanged if
    /// it still has the length and the modification time that it had when its hash was right.
    /// </summary>
    /// <param name="manifest">The manifest of the model.</param>
    /// <param name="file">A file that the manifest lists.</param>
    /// <param name="cancellationToken">Cancels the hashing.</param>
    public bool IsIntact(StoreManifest manifest, HubFile file, CancellationToken cancellationToken)
    {
        if (!IsThere(manifest, file))
            return false;
        string path = FilePath(manifest, file);
        var verified = new VerifiedFiles(PathOf(manifest, Verified));
        if (verified.Contains(file, path))
            return true;
        if (file.Hash is not { } hash || hash.OfFile(path, cancellationToken) != hash.Hex)
            return false;
        verified.Add(file, path);
        return true;
    }

    /// <summary>Records that the hash of a file was found to be right.</summary>
    public void MarkVerified(StoreManifest manifest, HubFile file) => new VerifiedFiles(PathOf(manifest, Verified)).Add(file, FilePath(manifest, file));

    /// <summary>The number of bytes that a pull would still transfer.</summary>
    public long MissingByteSize(StoreManifest manifest) => manifest.Files.Sum(file =>
        IsThere(manifest, file) ? 0
        : new FileInfo(PartialFile.PathOf(FilePath(manifest, file))) is { Exists: true, Length: var length } ? Math.Max(0, file.ByteSize - length)
        : file.ByteSize);

    /// <summary>
    /// Records that a model is being pulled. If an interrupted pull of the same model has left files with other content, they are deleted.
    /// </summary>
    public void Begin(StoreManifest manifest)
    {
        RefuseLink(Manifests);
        Directory.CreateDirectory(Manifests);
        // This process holds the model's lock, so no other process is writing these temporary files: the process that created them was killed.
        foreach (string abandoned in Directory.GetFiles(Manifests, $"{manifest.Id}.*.tmp"))
            File.Delete(abandoned);
        if (ReadManifest(PathOf(manifest, Begun))?.Manifest is { } other && other.ContentId != manifest.ContentId
            && ReadManifest(PathOf(manifest, Whole))?.Manifest.ContentId != other.ContentId)
        {
            DeleteContent(other);
        }

        Write(PathOf(manifest, Begun), manifest);
    }

    /// <summary>Publishes a complete model under its name, and deletes the model that had the name before.</summary>
    public void Publish(StoreManifest manifest)
    {
        StoreManifest? before = ReadManifest(PathOf(manifest, Whole))?.Manifest;
        Write(PathOf(manifest, Whole), manifest);
        File.Delete(PathOf(manifest, Begun));
        if (before is not null && before.ContentId != manifest.ContentId)
            DeleteContent(before);
    }

    /// <summary>Deletes a model: first its files and then its manifest, so that a deletion that failed can be repeated.</summary>
    public void Delete(StoreManifest manifest)
    {
        foreach (string path in (string[])[PathOf(manifest, Begun), PathOf(manifest, Whole)])
        {
            if (ReadManifest(path) is { } stored)
                DeleteContent(stored.Manifest);
            File.Delete(path);
        }

        File.Delete(PathOf(manifest, Verified));
    }

    private string PathOf(StoreManifest manifest, string ending) => Path.Combine(Manifests, manifest.Id + ending);

    private string ContentFolder(StoreManifest manifest) =>
        Path.Combine(manifest.Reference.IsDataset ? Path.Combine(root, Datasets) : root, manifest.Reference.Owner, manifest.Reference.Repository, manifest.ContentId);

    private void DeleteContent(StoreManifest manifest)
    {
        string folder = ContentFolder(manifest);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
            // The panel file of a model that is a folder is beside that folder.
            File.Delete(PanelFileName.PathFor(folder));
        }

        for (string parent = Path.GetDirectoryName(folder)!; parent.Length > root.Length && IsEmpty(parent); parent = Path.GetDirectoryName(parent)!)
            Directory.Delete(parent);
    }

    private static bool IsEmpty(string folder) => Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any();

    private static void Write(string path, StoreManifest manifest)
    {
        RefuseLink(path);
        using var file = new AtomicFile(path);
        StoreManifestJson.Write(manifest, file.Stream);
        file.Commit();
    }

    // Returns null if there is no manifest, for example because another process has just deleted it.
    private static StoredManifest? ReadManifest(string path)
    {
        if (new FileInfo(path) is not { Exists: true } info)
            return null;
        RefuseLink(path);
        if (info.Length > MaxManifestByteSize)
            throw new ModelStoreException($"'{path}' has more than {MaxManifestByteSize >> 20} MiB; it does not belong to the store. Delete it.");
        if (SpecialFile.Is(path))
            throw new ModelStoreException($"'{path}' is a pipe, a device or a socket; it does not belong to the store. Delete it.");
        try
        {
            return new StoredManifest(path, StoreManifestJson.Parse(RegularFile.ReadAllBytes(path, MaxManifestByteSize), path), info.LastWriteTimeUtc);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static void RefuseLink(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
            throw new ModelStoreException($"'{path}' is a link to '{target}'; the store has no links, and a pull would write outside of it. Delete it.");
    }
}
