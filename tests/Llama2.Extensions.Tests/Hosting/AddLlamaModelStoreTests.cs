using Llama2.Tests;
using Llama2.Tests.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests.Hosting;

public sealed class AddLlamaModelStoreTests : IDisposable
{
    private static readonly byte[] s_model = File.ReadAllBytes(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"));
    private readonly TemporaryFolder _folder = new();
    private readonly TestHub _hub = new(("a.Q8_0.gguf", s_model), ("b.Q8_0.gguf", s_model));

    private LlamaModelStoreOptions StoreOptions => new() { Folder = _folder.File("models"), Endpoint = _hub.Endpoint };

    [Fact]
    public async Task ILlamaModel_OfAPulledModel_IsLoadedAndMarkedAsUsed()
    {
        await using ServiceProvider services = new ServiceCollection().AddLlamaModelStore(StoreOptions).AddLlama("owner/repo").Services.BuildServiceProvider();
        var store = services.GetRequiredService<ILlamaModelStore>();
        StoredModel stored = await store.PullAsync(LlamaModelReference.Parse("owner/repo:a.Q8_0.gguf"));
        foreach (string manifest in Directory.GetFiles(Path.Combine(_folder.Path, "models", ".models")))
            File.SetLastWriteTimeUtc(manifest, DateTime.UnixEpoch);

        var model = services.GetRequiredService<ILlamaModel>();

        ((LlamaModel)model).Path.Should().Be(stored.Path);
        store.List().Should().ContainSingle().Which.LastUsed.Should().BeAfter(DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task ILlamaModel_OfAModelThatIsNotPulled_SaysHowToPullItAndPullsNothing()
    {
        await using ServiceProvider services = new ServiceCollection().AddLlamaModelStore(StoreOptions).AddLlama("owner/repo:Q8_0").Services.BuildServiceProvider();

        services.Invoking(provider => provider.GetRequiredService<ILlamaModel>())
            .Should().Throw<OptionsValidationException>().WithMessage("*ModelPath is 'owner/repo:Q8_0'; there is no such file*no pulled model of that name*'llama2 pull owner/repo:Q8_0'*");

        _hub.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task ILlamaModel_OfANameThatSeveralPulledModelsHave_NamesThem()
    {
        await using ServiceProvider services = new ServiceCollection().AddLlamaModelStore(StoreOptions).AddLlama("owner/repo").Services.BuildServiceProvider();
        foreach (string file in new[] { "a.Q8_0.gguf", "b.Q8_0.gguf" })
            await services.GetRequiredService<ILlamaModelStore>().PullAsync(new LlamaModelReference("owner", "repo", file));

        services.Invoking(provider => provider.GetRequiredService<ILlamaModel>())
            .Should().Throw<OptionsValidationException>().WithMessage("*several*owner/repo:a.Q8_0.gguf*owner/repo:b.Q8_0.gguf*");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AddLlamaModelStore_BeforeOrAfterTheModel_GivesItsOptions(bool isBefore)
    {
        var collection = new ServiceCollection();
        if (isBefore)
            collection.AddLlamaModelStore(StoreOptions);
        collection.AddLlama("owner/repo");
        if (!isBefore)
            collection.AddLlamaModelStore(StoreOptions);
        await using ServiceProvider services = collection.BuildServiceProvider();

        services.GetServices<ILlamaModelStore>().Should().ContainSingle().Which.Should().BeOfType<LlamaModelStore>().Which.Folder.Should().Be(StoreOptions.Folder);
    }

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }
}
