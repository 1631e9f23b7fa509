using Llama2.Tests.Store;

namespace Llama2.Cli.Tests;

/// <summary>A hub with the demonstration model, and an empty store for the command.</summary>
internal sealed class StoredModelsFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public StoredModelsFixture(params (string Path, byte[] Content)[] files)
        : this(new TestHub(files.Length > 0 ? files : [("story.Q8_0.gguf", File.ReadAllBytes(TestModels.Demonstration))]))
    {
    }

    public StoredModelsFixture(TestHub hub)
    {
        Hub = hub;
        Options = new LlamaModelStoreOptions { Folder = Path.Combine(Home, "models"), Endpoint = Hub.Endpoint, RetryDelay = TimeSpan.FromMilliseconds(1) };
    }

    public TestHub Hub { get; }

    public LlamaModelStoreOptions Options { get; }

    /// <summary>The value of the environment variable LLAMA2_HOME for this store.</summary>
    public string Home => _folder.File("home");

    public Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync(arguments, [], storeOptions: Options);

    public void Dispose()
    {
        Hub.Dispose();
        _folder.Dispose();
    }
}
