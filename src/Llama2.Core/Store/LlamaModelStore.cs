using Llama2.Formats;
using Llama2.Store;

namespace Llama2;

/// <summary>
/// A store of models on this machine that were pulled from the Hugging Face hub or a compatible server. Thread-safe; several processes can use the
/// same store (see <see cref="ILlamaModelStore"/>). Files that are already on this machine can be loaded without a store.
/// </summary>
/// <example><code>
/// using var store = new LlamaModelStore();
/// StoredModel stored = await store.PullAsync(LlamaModelReference.Parse("owner/repository:Q4_K_M"));
/// using LlamaModel model = LlamaModel.Load(stored.Path);
/// </code></example>
public sealed class LlamaModelStore : ILlamaModelStore, IDisposable
{
    private readonly HubClient _client;
    private readonly RetryPolicy _retries;
    private readonly StoreFolder _folder;
    private readonly TimeProvider _timeProvider = TimeProvider.System;

    /// <summary>Creates an object for a store. Nothing is read from or written to the disk yet.</summary>
    /// <param name="options">The folder and the hub; null for the defaults.</param>
    /// <exception cref="ArgumentException">An environment variable is not a valid address or token.</exception>
    public LlamaModelStore(LlamaModelStoreOptions? options = null)
    {
        options ??= new LlamaModelStoreOptions();
        Folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Folder ?? StoreEnvironment.Folder()));
        _folder = new StoreFolder(Folder);
        _client = new HubClient(options.Endpoint ?? StoreEnvironment.Endpoint(), options.Token ?? StoreEnvironment.Token(), options.StallTimeout);
        _retries = new RetryPolicy(options.RetryCount, options.RetryDelay, _timeProvider);
    }

    /// <summary>The absolute path of the store's folder.</summary>
    public string Folder { get; }

    /// <summary>
    /// Returns the path from which to load a model. If a file or folder exists at the given path, the given path is returned. Otherwise, if the
    /// default store contains a model with this name, the path of that model is returned, and the model is marked as used. If there is no such model
    /// either, the given path is returned.
    /// </summary>
    /// <param name="pathOrName">A path, or a name such as <c>owner/repository:Q4_K_M</c>.</param>
    /// <exception cref="ModelStoreException">Several pulled models match, or the store is damaged.</exception>
    public static string Resolve(string pathOrName) => Resolve(pathOrName, options: null);

    internal static string Resolve(string pathOrName, LlamaModelStoreOptions? options)
    {
        ArgumentNullException.ThrowIfNull(pathOrName);
        if (Path.Exists(pathOrName) || !LlamaModelReference.TryParse(pathOrName, out LlamaModelReference? reference))
        {
            return pathOrName;
        }

        using var store = new LlamaModelStore(options);
        if (store.Find(reference) is not { } model)
        {
            return pathOrName;
        }

        store.MarkUsed(model);
        return model.Path;
    }

    /// <inheritdoc/>
    public async Task<StoredModel> PullAsync(LlamaModelReference reference, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        HubRepository repository = await _retries.RunAsync(
            $"The list of files of '{reference}'", () => _client.ReadRepositoryAsync(reference, cancellationToken), () => false,
            retry => progress?.Report(new PullProgress("", 0, 0, 0) { Retry = retry }), cancellationToken).ConfigureAwait(false);
        StoreManifest manifest = ModelSelection.Select(reference, repository);

        using StoreLock held = await StoreLock.AcquireAsync(_folder.LockPath(manifest), _timeProvider, cancellationToken).ConfigureAwait(false);
        DiskSpace.Require(Path.Combine(Folder, manifest.Reference.Repository), _folder.MissingByteSize(manifest));
        _folder.Begin(manifest);
        var meter = new PullMeter(progress, manifest.ByteSize, _timeProvider);
        foreach (HubFile file in manifest.Files)
        {
            string path = _folder.PrepareFile(manifest, file);
            if (!await Task.Run(() => _folder.IsIntact(manifest, file, cancellationToken), cancellationToken).ConfigureAwait(false))
            {
                await new FileDownload(_client, _retries, manifest.Reference, manifest.Commit, file).RunAsync(path, meter, cancellationToken).ConfigureAwait(false);
                _folder.MarkVerified(manifest, file);
            }

            meter.Finish(file);
        }

        _folder.Publish(manifest);
        return Describe(new StoredManifest("", manifest, _timeProvider.GetUtcNow().UtcDateTime));
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoredModel> List() => [.. _folder.Read().Select(Describe)];

    /// <inheritdoc/>
    public StoredModel? Find(LlamaModelReference reference)
    {
        if (FindOne(reference, isWholeOnly: true) is not { } stored)
            return null;
        return stored.Manifest.Files.FirstOrDefault(file => !_folder.IsIntact(stored.Manifest, file, CancellationToken.None)) is not { } damaged
            ? Describe(stored)
            : throw new ModelStoreException(
                $"'{_folder.FilePath(stored.Manifest, damaged)}' has changed since it was pulled: its hash is no longer the hub's. Pull '{stored.Manifest.Reference}' again, which replaces the file.");
    }

    /// <inheritdoc/>
    public void MarkUsed(StoredModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (FindOne(model.Reference, isWholeOnly: true) is not { } stored)
            return;
        try
        {
            File.SetLastWriteTimeUtc(stored.Path, _timeProvider.GetUtcNow().UtcDateTime);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The store belongs to another user, or is being changed at the moment. The model can be used nevertheless.
        }
    }

    /// <inheritdoc/>
    public bool Remove(LlamaModelReference reference)
    {
        if (FindOne(reference, isWholeOnly: false) is not { } stored)
            return false;

        using StoreLock? held = StoreLock.TryAcquire(_folder.LockPath(stored.Manifest));
        if (held is null)
            throw new ModelStoreException($"'{stored.Manifest.Reference}' is being pulled; stop the process that pulls it, then remove the model.");
        _folder.Delete(stored.Manifest);
        return true;
    }

    /// <summary>Closes the connections to the hub. A pull that is running fails.</summary>
    public void Dispose() => _client.Dispose();

    private StoredManifest? FindOne(LlamaModelReference reference, bool isWholeOnly)
    {
        ArgumentNullException.ThrowIfNull(reference);
        StoredManifest[] fitting = [.. _folder.Read().Where(stored => stored.Manifest.Fits(reference) && (!isWholeOnly || _folder.IsWhole(stored.Manifest)))];
        return fitting.FirstOrDefault(stored => stored.Manifest.Reference == reference)
            ?? (fitting.Length <= 1 ? fitting.FirstOrDefault()
                : throw new ModelStoreException($"'{reference}' matches several pulled models; choose one: {string.Join(", ", fitting.Select(stored => stored.Manifest.Reference))}."));
    }

    private StoredModel Describe(StoredManifest stored) => new()
    {
        Reference = stored.Manifest.Reference,
        Path = _folder.ModelPath(stored.Manifest),
        Type = stored.Manifest.Type,
        ByteSize = stored.Manifest.ByteSize,
        Commit = stored.Manifest.Commit,
        LastUsed = stored.LastUsed,
        IsComplete = _folder.IsWhole(stored.Manifest),
    };
}
