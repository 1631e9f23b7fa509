using System.Text;

namespace Llama2.Tests.Store;

/// <summary>Data sets are pulled, found, listed and removed as models are.</summary>
public sealed class DatasetPullTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestHub _hub = new(
        ("main/test-00000-of-00001.parquet", TestHub.Content(200_000)), ("socratic/test.jsonl", Encoding.UTF8.GetBytes("{}\n")), ("socratic_train.csv.gz", [1, 2]), ("data/list.lst", [3]),
        ("README.md", [4]), (".gitattributes", [5]), ("dataset_infos.json", [6]), ("gsm8k.py", [7]), ("socratic/picture.png", [8]))
    { IsOfData = true };

    private readonly LlamaModelStore _store;

    public DatasetPullTests() =>
        _store = new LlamaModelStore(new LlamaModelStoreOptions { Folder = _folder.File("store"), Endpoint = _hub.Endpoint, RetryDelay = TimeSpan.FromMilliseconds(1) });

    public void Dispose()
    {
        _store.Dispose();
        _hub.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task PullAsync_Dataset_HasItsFilesOfDataInTheirFolders()
    {
        StoredModel data = await PullAsync("datasets/owner/repo");

        data.Should().Match<StoredModel>(stored => stored.Type == StoredModelType.Dataset && stored.IsComplete && stored.Reference.ToString() == "datasets/owner/repo" && stored.ByteSize == 200_006);
        FilesOf(data).Should().Equal("data/list.lst", "main/test-00000-of-00001.parquet", "socratic/test.jsonl", "socratic_train.csv.gz");
        (await File.ReadAllBytesAsync(Path.Combine(data.Path, "main", "test-00000-of-00001.parquet"))).Should().Equal(TestHub.Content(200_000));
        _store.List().Should().ContainSingle().Which.Reference.Should().Be(data.Reference);
        _store.Find(data.Reference)!.Path.Should().Be(data.Path);
    }

    [Theory]
    [InlineData("main", "main/test-00000-of-00001.parquet")]
    [InlineData("socratic", "socratic/test.jsonl", "socratic_train.csv.gz")]
    [InlineData("socratic/test.jsonl", "socratic/test.jsonl")]
    [InlineData("README.md", "README.md")]
    public async Task PullAsync_Configuration_HasOnlyItsFiles(string configuration, params string[] files)
    {
        StoredModel data = await PullAsync($"datasets/owner/repo:{configuration}");

        FilesOf(data).Should().Equal(files);
        _store.Find(LlamaModelReference.Parse("datasets/owner/repo"))!.Path.Should().Be(data.Path, "it is the only one");
        _store.Find(LlamaModelReference.Parse("datasets/owner/repo:other")).Should().BeNull();
    }

    [Fact]
    public async Task Find_ModelOfTheSameName_IsNotTheDataset()
    {
        await PullAsync("datasets/owner/repo");

        _store.Find(LlamaModelReference.Parse("owner/repo")).Should().BeNull();
        _store.Remove(LlamaModelReference.Parse("owner/repo")).Should().BeFalse();
        (await FluentActions.Awaiting(() => PullAsync("owner/repo")).Should().ThrowAsync<ModelStoreException>()).Which.Message.Should().Contain("(404)");
    }

    [Fact]
    public async Task PullAsync_AfterACutConnection_Continues()
    {
        bool isCut = false;
        _hub.Alter = (request, reply) =>
        {
            if (isCut || !request.Path.EndsWith(".parquet", StringComparison.Ordinal))
                return reply;
            isCut = true;
            return reply with { CutAt = 120_000 };
        };

        StoredModel data = await PullAsync("datasets/owner/repo:main");

        (await File.ReadAllBytesAsync(Path.Combine(data.Path, "main", "test-00000-of-00001.parquet"))).Should().Equal(TestHub.Content(200_000));
        _hub.FileRequests.Select(request => request.Header("Range")).Should().Equal(null, "bytes=120000-");
    }

    [Fact]
    public async Task PullAsync_OtherContentThanTheHubLists_IsRefused()
    {
        _hub.Alter = (request, reply) => request.IsForFile ? reply with { Body = [.. reply.Body.Select(value => (byte)(value ^ 1))] } : reply;

        (await FluentActions.Awaiting(() => PullAsync("datasets/owner/repo:socratic/test.jsonl")).Should().ThrowAsync<ModelStoreException>()).Which.Message.Should().Contain("hash");
    }

    [Fact]
    public async Task Remove_Dataset_DeletesItsFiles()
    {
        StoredModel data = await PullAsync("datasets/owner/repo");

        _store.Remove(data.Reference).Should().BeTrue();

        Directory.Exists(data.Path).Should().BeFalse();
        _store.List().Should().BeEmpty();
    }

    [Fact]
    public async Task PullAsync_NothingThatFits_SaysWhatThereIs()
    {
        (await FluentActions.Awaiting(() => PullAsync("datasets/owner/repo:none")).Should().ThrowAsync<ModelStoreException>()).Which.Message.Should()
            .Contain("no configuration 'none'").And.Contain("main/, socratic/, socratic_train.csv.gz, data/");
        foreach (string path in _hub.Files.Keys.Where(path => !path.EndsWith(".py", StringComparison.Ordinal)).ToArray())
            _hub.Files.Remove(path);
        (await FluentActions.Awaiting(() => PullAsync("datasets/owner/repo")).Should().ThrowAsync<ModelStoreException>()).Which.Message.Should()
            .Contain("datasets/owner/repo@refs/convert/parquet");
    }

    private Task<StoredModel> PullAsync(string name) => _store.PullAsync(LlamaModelReference.Parse(name));

    private static IEnumerable<string> FilesOf(StoredModel data) => Directory.GetFiles(data.Path, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(data.Path, path).Replace('\\', '/')).Order(StringComparer.Ordinal);
}
