namespace Llama2.Tests.Store;

/// <summary>A hub, and an empty store that pulls from it with short timeouts.</summary>
internal sealed class StoreFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<LlamaModelStore> _stores = [];

    public StoreFixture(params (string Path, byte[] Content)[] files)
    {
        Hub = new TestHub(files);
        Options = new LlamaModelStoreOptions
        {
            Folder = _folder.File("store"),
            Endpoint = Hub.Endpoint,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            StallTimeout = TimeSpan.FromSeconds(10),
        };
    }

    public TestHub Hub { get; }

    /// <summary>The stores' options; set them before <see cref="Store"/> is first used.</summary>
    public LlamaModelStoreOptions Options { get; set; }

    public LlamaModelStore Store => field ??= OpenStore();

    /// <summary>The complete and the partial files of models in the store's folder, without the store's internal files.</summary>
    public string[] Files =>
        Directory.Exists(Options.Folder)
            ? [.. Directory.GetFiles(Options.Folder, "*", SearchOption.AllDirectories).Where(path => !path.Contains(Path.DirectorySeparatorChar + ".", StringComparison.Ordinal))]
            : [];

    /// <summary>Another store in the same folder, like that of another process.</summary>
    public LlamaModelStore OpenStore()
    {
        _stores.Add(new LlamaModelStore(Options));
        return _stores[^1];
    }

    public Task<StoredModel> PullAsync(string? file = null, CancellationToken cancellationToken = default) =>
        Store.PullAsync(Reference(file), null, cancellationToken);

    public static LlamaModelReference Reference(string? file = null) => LlamaModelReference.Parse(file is null ? TestHub.Repository : $"{TestHub.Repository}:{file}");

    /// <summary>Pulls the model, which must fail, and returns the message of the exception.</summary>
    public async Task<string> PullFailsAsync(string? file = null) =>
        (await FluentActions.Awaiting(() => PullAsync(file)).Should().ThrowAsync<ModelStoreException>()).Which.Message;

    public void Dispose()
    {
        Hub.Dispose();
        _stores.ForEach(store => store.Dispose());
        _folder.Dispose();
    }
}
